import { Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Workspace } from '@/api/contract';
import { meQuery } from '@/api/identity';
import { keys } from '@/api/keys';
import { workspaceQuery, workspaces } from '@/api/workspaces';
import { m } from '@/messages/en';
import { Act } from '@/parts/act';
import { Confirm } from '@/parts/confirm';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView, toastDone } from '@/parts/problem';
import { SectionTabs } from '@/parts/section-tabs';
import { useSubmit } from '@/parts/submit';
import { useReason, useWorkspace } from '@/parts/workspace';

export function WorkspacePage() {
  const { id, name } = useWorkspace();
  const workspace = useQuery(workspaceQuery(id));
  return (
    <Page title={m.settings.title} subtitle={m.settings.subtitle(name)}>
      <SectionTabs group="admin" />
      {workspace.error && <ProblemView error={workspace.error} retry={workspace.refetch} />}
      {workspace.isPending && <Loading rows={3} />}
      {workspace.data && <Settings key={workspace.data.id} workspace={workspace.data} />}
      {workspace.data && <Delete workspace={workspace.data} />}
    </Page>
  );
}

function Settings({ workspace }: { workspace: Workspace }) {
  const reason = useReason('workspace.update');
  const cache = useQueryClient();
  const form = useForm({
    initialValues: { name: workspace.name, time_zone: workspace.time_zone, retention_days: workspace.retention_days },
    validate: {
      name: (value) => (value.trim() ? null : m.app.nameMissing),
      retention_days: (value) => (Number.isInteger(value) && value > 0 ? null : m.settings.retentionWrong),
    },
  });
  const { onSubmit, problem, busy } = useSubmit(form, async (values) => {
    cache.setQueryData(keys.noun(workspace.id, 'workspace'), await workspaces.update(workspace.id, { ...values, name: values.name.trim() }));
    toastDone(m.settings.saved);
    await cache.fetchQuery({ ...meQuery, staleTime: 0 });
  });
  const zones = [...new Set([workspace.time_zone, 'UTC', ...Intl.supportedValuesOf('timeZone')])];
  const readOnly = reason !== null;
  return (
    <Section title={m.settings.general}>
      <form onSubmit={onSubmit} noValidate>
        <Stack maw={420}>
          <TextInput label={m.settings.name} maxLength={100} readOnly={readOnly} {...form.getInputProps('name')} />
          <Select label={m.settings.zone} description={m.settings.zoneHelp} data={zones} searchable limit={100} readOnly={readOnly} {...form.getInputProps('time_zone')} />
          <NumberInput
            label={m.settings.retention}
            description={m.settings.retentionHelp}
            min={1}
            max={3650}
            readOnly={readOnly}
            hideControls
            {...form.getInputProps('retention_days')}
          />
          {problem && <ProblemView error={problem} />}
          <Group>
            <Act reason={reason} type="submit" loading={busy}>
              {m.settings.save}
            </Act>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function Delete({ workspace }: { workspace: Workspace }) {
  const reason = useReason('workspace.delete');
  const [asking, setAsking] = useState(false);
  const cache = useQueryClient();
  const navigate = useNavigate();
  return (
    <Section title={m.settings.delete}>
      <Text c="dimmed" mb="sm">
        {m.settings.deleteText}
      </Text>
      <Act reason={reason} color="red" variant="light" onClick={() => setAsking(true)}>
        {m.settings.deleteAction}
      </Act>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title={m.settings.deleteTitle(workspace.name)}
        action={m.settings.deleteAction}
        typed={workspace.name}
        onConfirm={async () => {
          await workspaces.delete(workspace.id, workspace.name);
          toastDone(m.settings.deleted(workspace.name));
          await cache.fetchQuery({ ...meQuery, staleTime: 0 });
          await navigate({ to: '/' });
        }}
      >
        {m.settings.deleteText}
      </Confirm>
    </Section>
  );
}
