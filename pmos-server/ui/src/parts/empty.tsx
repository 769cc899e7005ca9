import { Stack, Text, ThemeIcon } from '@mantine/core';
import type { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** Nothing here yet: what it is for and the one thing to do. */
export function Empty({
  icon: Icon,
  title,
  text,
  children,
}: {
  icon: typeof IconCheck;
  title: string;
  text: string;
  children?: ReactNode;
}) {
  return (
    <Stack align="center" gap="sm" px="md" py={48} ta="center">
      <ThemeIcon variant="light" color="gray" size={44} radius="lg">
        <Icon size={22} stroke={1.75} aria-hidden />
      </ThemeIcon>
      <div>
        <Text fw={600} size="lg">
          {title}
        </Text>
        <Text c="dimmed" maw={440} mt={4}>
          {text}
        </Text>
      </div>
      {children}
    </Stack>
  );
}
