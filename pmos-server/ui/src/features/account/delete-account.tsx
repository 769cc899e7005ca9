import { Button, Text } from '@mantine/core';
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { identity, meQuery } from '@/api/identity';
import { m } from '@/messages/en';
import { Confirm } from '@/parts/confirm';
import { Section } from '@/parts/page';

export function DeleteAccount() {
  const { data: me } = useSuspenseQuery(meQuery);
  const [asking, setAsking] = useState(false);
  const cache = useQueryClient();
  const navigate = useNavigate();
  return (
    <Section title={m.account.delete}>
      <Text c="dimmed" mb="sm">
        {m.account.deleteText}
      </Text>
      <Button color="red" variant="light" onClick={() => setAsking(true)}>
        {m.account.deleteAction}
      </Button>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title={m.account.deleteTitle}
        action={m.account.deleteAction}
        typed={me.user.email}
        onConfirm={async () => {
          await identity.deleteAccount();
          await navigate({ to: '/sign-in', search: {} });
          cache.clear();
        }}
      >
        {m.account.deleteText}
      </Confirm>
    </Section>
  );
}
