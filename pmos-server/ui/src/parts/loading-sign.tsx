import { Loader } from '@mantine/core';
import { m } from '@/messages/en';

/** Small enough for a field: more is on its way. */
export const LoadingSign = () => <Loader size={16} role="status" aria-label={m.app.loading} />;
