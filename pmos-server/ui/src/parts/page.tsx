import { Box, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { m } from '@/messages/en';
import classes from './page.module.css';

/** Where one came in; until one goes elsewhere, a page is read from its beginning. */
let entry: string | null = null;

/** The heading, which is where one is after one went to another page, unless that page has put one elsewhere. */
function useArrival() {
  const heading = useRef<HTMLHeadingElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    entry ??= path;
    if (entry === path) return;
    entry = '';
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body || activeElement.closest('a, h1')) heading.current?.focus({ preventScroll: true });
  }, [path]);
  return heading;
}

/** A screen: what it is, what to do here, and its content. */
export function Page({
  title,
  subtitle,
  badge,
  actions,
  fills = false,
  children,
}: {
  title: string;
  subtitle?: ReactNode;
  badge?: ReactNode;
  actions?: ReactNode;
  /** It is as high as the window, and what is in it scrolls by itself. */
  fills?: boolean;
  children: ReactNode;
}) {
  useDocumentTitle(m.app.title(title));
  const heading = useArrival();
  return (
    <div className={classes.page} data-fills={fills || undefined}>
      <header className={classes.header}>
        <div className={classes.titles}>
          <div className={classes.titleRow}>
            <Title ref={heading} tabIndex={-1} order={1} className={classes.title} title={title}>
              {title}
            </Title>
            {badge}
          </div>
          {subtitle && (
            <Text c="dimmed" component="div">
              {subtitle}
            </Text>
          )}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A framed part of a page with a heading. */
export function Section({
  title,
  aside,
  flush = false,
  children,
}: {
  title?: string;
  aside?: ReactNode;
  /** Content reaches the frame, as lists and tables do. */
  flush?: boolean;
  children: ReactNode;
}) {
  return (
    <section className={classes.section} aria-label={title}>
      {title && (
        <div className={classes.sectionHead} data-flush={flush || undefined}>
          <Title order={2} className={classes.sectionTitle}>
            {title}
          </Title>
          {aside}
        </div>
      )}
      {flush ? children : <Box className={classes.sectionBody}>{children}</Box>}
    </section>
  );
}

/** The shape of what is coming. Shown only when it takes longer than a blink. */
export function Loading({ rows = 4, height = 44 }: { rows?: number; height?: number }) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Stack gap="xs" p="md" aria-busy="true" aria-label={m.app.loading} role="status">
      {slow && Array.from({ length: rows }, (_, row) => <Skeleton key={row} height={height} radius="md" />)}
    </Stack>
  );
}
