import { Text, type TextProps } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { m } from '@/messages/en';

const exact = new Intl.DateTimeFormat(m.app.locale, { dateStyle: 'medium', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(m.app.locale, { dateStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(m.app.locale, { numeric: 'auto' });
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** How often relative times are told anew. */
const TICK_S = 20;

// One clock for all relative times of the page, ticking only while it is read.
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const readers = new Set<() => void>();
function tick(reader: () => void) {
  readers.add(reader);
  now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of readers) each();
  }, TICK_S * 1_000);
  return () => {
    readers.delete(reader);
    if (readers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** A point in time as people say it, exact on hover. */
export function Ago({ at, ...text }: { at: string; span?: boolean } & TextProps) {
  const current = useSyncExternalStore(tick, () => now);
  return (
    <Text component="time" dateTime={at} title={exact.format(new Date(at))} style={{ whiteSpace: 'nowrap' }} {...text}>
      {ago(Date.parse(at), current)}
    </Text>
  );
}

function ago(at: number, current: number): string {
  const seconds = Math.round((at - current) / 1000);
  if (Math.abs(seconds) > 30 * 86_400) return day.format(at);
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  // The clock of the page is up to a tick behind, so what is just over is not said to be still to come.
  return seconds > TICK_S ? relative.format(seconds, 'second') : m.app.justNow;
}

export const fromNow = (at: string) => ago(Date.parse(at), Date.now());
export const exactTime = (at: string) => exact.format(new Date(at));
export const dayOf = (at: string) => day.format(new Date(at));

/** A duration in the unit people would use. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return m.app.none;
  if (ms < 1) return `${ms === 0 ? 0 : '<1'} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const count = (value: number | null) => (value === null ? m.app.none : value.toLocaleString(m.app.locale));
