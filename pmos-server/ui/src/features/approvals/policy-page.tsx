import { ActionIcon, Autocomplete, Button, Group, Input, SegmentedControl, Select, Stack, Switch, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { approvals, policyQuery } from '@/api/approvals';
import type { ApprovalPolicy, ApprovalRule } from '@/api/contract';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Act } from '@/parts/act';
import { NotAllowed } from '@/parts/not-allowed';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView, toastDone } from '@/parts/problem';
import { SectionTabs } from '@/parts/section-tabs';
import { useSubmit } from '@/parts/submit';
import { useReason, useWorkspace } from '@/parts/workspace';
import classes from './policy.module.css';

const RULES: ApprovalRule[] = ['auto', 'ask', 'deny'];
const WAITS = [900, 3_600, 28_800, 86_400, 259_200, 604_800, 2_592_000];
/** Acts that assistants can want; others may be typed. */
const TOOLS = [
  'flows.create',
  'flows.edit',
  'flows.publish',
  'flows.enable',
  'flows.disable',
  'flows.rename',
  'flows.duplicate',
  'flows.restore',
  'flows.undo',
  'flows.delete',
  'runs.start',
  'runs.retry',
  'runs.cancel',
];

/** What assistants and programs have to ask for. */
export function PolicyPage() {
  const { id: workspace, name } = useWorkspace();
  const closed = useReason('approvals.policy.set');
  const policy = useQuery({ ...policyQuery(workspace), enabled: !closed });
  return (
    <Page title={m.approvals.title} subtitle={m.policy.subtitle(name)}>
      <SectionTabs group="admin" />
      {closed && <NotAllowed reason={closed} />}
      {policy.error && !policy.data && <ProblemView error={policy.error} retry={policy.refetch} />}
      {!closed && policy.isPending && <Loading rows={4} />}
      {policy.data && <PolicyForm key={policy.data.revision} policy={policy.data} />}
    </Page>
  );
}

function PolicyForm({ policy }: { policy: ApprovalPolicy }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const form = useForm({
    initialValues: {
      write: policy.write ?? 'ask',
      destructive: policy.destructive ?? 'ask',
      tools: Object.entries(policy.tools ?? {}).map(([tool, rule]) => ({ tool, rule })),
      four_eyes: policy.four_eyes ?? false,
      expires_after_s: String(policy.expires_after_s ?? 86_400),
    },
    validate: { tools: { tool: (value) => (value.trim() ? null : m.policy.toolMissing) } },
  });
  const { onSubmit, problem, busy } = useSubmit(form, async ({ tools, expires_after_s, ...values }) => {
    const saved = await approvals.setPolicy(workspace, {
      ...values,
      tools: Object.fromEntries(tools.map(({ tool, rule }) => [tool.trim(), rule])),
      expires_after_s: Number(expires_after_s),
    });
    cache.setQueryData(keys.noun(workspace, 'approval-policy'), saved);
    toastDone(m.policy.saved);
  });
  const { tools, expires_after_s } = form.getValues();
  const waits = [...new Set([...WAITS, Number(expires_after_s)])].sort((a, b) => a - b);
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <Section title={m.policy.rules}>
          <Stack gap="lg">
            <RuleChoice label={m.policy.write} help={m.policy.writeHelp} {...form.getInputProps('write')} />
            <RuleChoice label={m.policy.destructive} help={m.policy.destructiveHelp} {...form.getInputProps('destructive')} />
          </Stack>
        </Section>
        <Section title={m.policy.tools}>
          <Stack gap="sm">
            <Text size="sm" c="dimmed">
              {m.policy.toolsHelp}
            </Text>
            {tools.map((_, at) => (
              <Group key={at} gap={8} align="start" className={classes.tool}>
                <Autocomplete aria-label={m.policy.tool} placeholder={m.policy.toolExample} data={TOOLS} className={classes.name} {...form.getInputProps(`tools.${at}.tool`)} />
                <Select
                  aria-label={m.policy.ruleOf(tools[at]?.tool ?? '')}
                  data={RULES.map((rule) => ({ value: rule, label: m.policy.rule[rule] }))}
                  w={160}
                  {...form.getInputProps(`tools.${at}.rule`)}
                />
                <ActionIcon aria-label={m.policy.remove(tools[at]?.tool ?? '')} onClick={() => form.removeListItem('tools', at)}>
                  <IconTrash size={18} stroke={1.75} />
                </ActionIcon>
              </Group>
            ))}
            <Group>
              <Button variant="default" leftSection={<IconPlus size={18} stroke={1.75} />} onClick={() => form.insertListItem('tools', { tool: '', rule: 'ask' })}>
                {m.policy.add}
              </Button>
            </Group>
          </Stack>
        </Section>
        <Section title={m.policy.deciding}>
          <Stack gap="lg">
            <Switch label={m.policy.fourEyes} description={m.policy.fourEyesHelp} {...form.getInputProps('four_eyes', { type: 'checkbox' })} />
            <Select
              label={m.policy.waits}
              description={m.policy.waitsHelp}
              data={waits.map((seconds) => ({ value: String(seconds), label: m.policy.lasting(seconds) }))}
              maw={320}
              {...form.getInputProps('expires_after_s')}
            />
          </Stack>
        </Section>
        {problem && <ProblemView error={problem} />}
        <Group>
          <Act type="submit" loading={busy}>
            {m.policy.save}
          </Act>
        </Group>
      </Stack>
    </form>
  );
}

function RuleChoice({ label, help, value, onChange }: { label: string; help: string; value?: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <Input.Wrapper label={label} description={help} labelElement="div" labelProps={{ id }}>
      <div>
        <SegmentedControl
          aria-labelledby={id}
          data={RULES.map((rule) => ({ value: rule, label: m.policy.rule[rule] }))}
          value={value}
          onChange={onChange}
        />
      </div>
    </Input.Wrapper>
  );
}
