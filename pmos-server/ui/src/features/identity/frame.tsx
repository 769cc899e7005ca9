import { Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { m } from '@/messages/en';
import classes from './frame.module.css';

/** The page before the sign-in: the mark, one question, and the way to the other one. */
export function Frame({ title, text, children, foot }: { title: string; text?: ReactNode; children: ReactNode; foot?: ReactNode }) {
  useDocumentTitle(m.app.title(title));
  return (
    <main className={classes.page}>
      <div className={classes.brand}>
        <img src="/icon.svg" alt="" width={32} height={32} />
        <span>{m.app.name}</span>
      </div>
      <div className={classes.card}>
        <Stack gap="lg">
          <div>
            <Title order={1}>{title}</Title>
            {text && (
              <Text c="dimmed" mt={4} component="div">
                {text}
              </Text>
            )}
          </div>
          {children}
        </Stack>
      </div>
      {foot && <div className={classes.foot}>{foot}</div>}
    </main>
  );
}
