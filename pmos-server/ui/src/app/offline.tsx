import { useNetwork } from '@mantine/hooks';
import { IconWifiOff } from '@tabler/icons-react';
import { m } from '@/messages/en';
import classes from './shell.module.css';

/** A thin bar while the device has no network. */
export function Offline() {
  const { online } = useNetwork();
  if (online) return null;
  return (
    <div className={classes.offline} role="status">
      <IconWifiOff size={16} aria-hidden /> {m.app.offline}
    </div>
  );
}
