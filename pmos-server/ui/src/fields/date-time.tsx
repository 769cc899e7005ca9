import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { ControlProps } from './types';

const Picker = lazy(() => import('./date-time-picker'));

export function DateTimeField(props: ControlProps) {
  return (
    <Suspense fallback={<Skeleton height={36} radius="md" />}>
      <Picker {...props} />
    </Suspense>
  );
}
