import { useQuery } from '@tanstack/react-query';
import { enginesQuery } from '@/api/engines';
import { m } from '@/messages/en';
import classes from '@/parts/cards.module.css';
import { Loading, Page } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { SectionTabs } from '@/parts/section-tabs';
import { useWorkspace } from '@/parts/workspace';
import { EngineCard } from './card';

/** Every service that can run automations, with what is true of each. */
export function EnginesPage() {
  const { id } = useWorkspace();
  const list = useQuery(enginesQuery(id));
  return (
    <Page title={m.engines.title} subtitle={m.engines.subtitle}>
      <SectionTabs group="integrations" />
      {list.error && !list.data && <ProblemView error={list.error} retry={list.refetch} />}
      {list.isPending && <Loading rows={2} height={220} />}
      {list.data && (
        <ul className={classes.cards} aria-label={m.engines.list}>
          {list.data.map((engine) => (
            <EngineCard key={engine.engine} engine={engine} />
          ))}
        </ul>
      )}
    </Page>
  );
}
