import '@mantine/notifications/styles.css';
import { Notifications } from '@mantine/notifications';
import { m } from '@/messages/en';

export default function Toasts() {
  return <Notifications position="bottom-right" limit={4} aria-label={m.app.toasts} />;
}
