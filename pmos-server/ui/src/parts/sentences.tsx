import { m } from '@/messages/en';
import classes from './sentences.module.css';

const SHOWN = 6;

/** What was done, the first of it. */
export function Sentences({ sentences }: { sentences: string[] }) {
  return (
    <ul className={classes.sentences}>
      {sentences.slice(0, SHOWN).map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
      {sentences.length > SHOWN && <li>{m.publish.moreIssues(sentences.length - SHOWN)}</li>}
    </ul>
  );
}
