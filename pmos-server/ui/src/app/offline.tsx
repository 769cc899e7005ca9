import { useNetwork } from '@mantine/hooks';
import { IconPlugOff, IconWifiOff } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { reach } from '@/api/reach';
import { m } from '@/messages/en';
import classes from './shell.module.css';

/** A thin bar while the device has no network or the server does not answer. What failed meanwhile is read again after it. */
export function Offline() {
  const { online } = useNetwork();
  const down = useSyncExternalStore(reach.subscribe, reach.isDown);
  const cache = useQueryClient();
  useEffect(() => reach.onBack(() => void cache.refetchQueries({ predicate: ({ state }) => state.status === 'error' })), [cache]);
  if (online && !down) return null;
  const Icon = online ? IconPlugOff : IconWifiOff;
  return (
    <div className={classes.offline} role="status">
      <Icon size={16} aria-hidden /> {online ? m.app.unreachable : m.app.offline}
    </div>
  );
}
