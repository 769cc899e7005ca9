import { Anchor, Code } from '@mantine/core';
import { Fragment, memo, useMemo } from 'react';
import { type Block, blocks, type Inline } from './markdown';
import classes from './conversation.module.css';

/** What an assistant wrote. */
export const Prose = memo(function Prose({ text }: { text: string }) {
  const read = useMemo(() => blocks(text), [text]);
  return (
    <div className={classes.prose}>
      {read.map((block, at) => (
        <BlockView key={at} block={block} />
      ))}
    </div>
  );
});

function BlockView({ block }: { block: Block }) {
  if (block.kind === 'code') {
    return (
      <Code block tabIndex={0} className={classes.code}>
        {block.text}
      </Code>
    );
  }
  if (block.kind === 'list') {
    const List = block.ordered ? 'ol' : 'ul';
    return (
      <List>
        {block.items.map((item, at) => (
          <li key={at}>
            <Line pieces={item} />
          </li>
        ))}
      </List>
    );
  }
  return (
    <p data-heading={block.kind === 'heading' || undefined}>
      {block.lines.map((line, at) => (
        <Fragment key={at}>
          {at > 0 && <br />}
          <Line pieces={line} />
        </Fragment>
      ))}
    </p>
  );
}

function Line({ pieces }: { pieces: Inline[] }) {
  return pieces.map((piece, at) => <Piece key={at} piece={piece} />);
}

function Piece({ piece }: { piece: Inline }) {
  switch (piece.kind) {
    case 'strong':
      return <strong>{piece.text}</strong>;
    case 'emphasis':
      return <em>{piece.text}</em>;
    case 'code':
      return <Code>{piece.text}</Code>;
    case 'link':
      // Where it leads is always seen: the words are those of a model.
      return (
        <>
          <Anchor href={piece.href} target="_blank" rel="noopener noreferrer nofollow" underline="always" inherit>
            {piece.text}
          </Anchor>
          {piece.text !== piece.href && ` (${new URL(piece.href).host})`}
        </>
      );
    default:
      return piece.text;
  }
}
