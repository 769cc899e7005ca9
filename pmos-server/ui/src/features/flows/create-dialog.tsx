import { Button, Group, Select, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconFile } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Template } from '@/api/contract';
import { isBuiltIn } from '@/api/engines';
import { flows, templatesQuery } from '@/api/flows';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import { useEngines } from '@/parts/engine';
import { Loading } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { StepIcon } from '@/parts/step-icon';
import { useSubmit } from '@/parts/submit';
import { useWorkspace } from '@/parts/workspace';
import classes from './flows.module.css';

/** A new automation: from a worked example, or from nothing. */
export function CreateDialog({ opened, onClose, engine }: { opened: boolean; onClose: () => void; engine?: string }) {
  return (
    <Dialog opened={opened} onClose={onClose} title={m.flows.create} size="lg">
      <Create wanted={engine} />
    </Dialog>
  );
}

function Create({ wanted }: { wanted: string | undefined }) {
  const { id: workspace } = useWorkspace();
  const templates = useQuery(templatesQuery(workspace));
  const { connected, several } = useEngines();
  const [picked, setPicked] = useState(wanted);
  const engine = connected.find((each) => each.engine === picked) ?? connected.find(isBuiltIn);
  const fitting = templates.data?.filter((template) => !engine || template.engine === engine.engine) ?? [];
  const [chosen, setChosen] = useState<Template | null>(null);
  const navigate = useNavigate();
  const cache = useQueryClient();
  const form = useForm({ initialValues: { name: '' }, validate: { name: (value) => (value.trim() ? null : m.app.nameMissing) } });
  const { onSubmit, problem, busy } = useSubmit(form, async ({ name }) => {
    const flow = await flows.create(workspace, { name: name.trim(), engine: engine?.engine, ...(chosen ? { template: chosen.name } : {}) });
    cache.setQueryData(keys.of(workspace, 'flow', flow.id), flow);
    await cache.invalidateQueries({ queryKey: keys.noun(workspace, 'flows') });
    await navigate({ to: '/w/$workspace/automations/$flow', params: { workspace, flow: flow.id } });
  });
  const choose = (template: Template | null) => {
    const suggested = chosen?.title ?? '';
    if (!form.values.name || form.values.name === suggested) form.setFieldValue('name', template?.title ?? '');
    setChosen(template);
  };
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        {several && engine && (
          <Select
            label={m.engines.column}
            data={connected.map((each) => ({
              value: each.engine,
              label: each.title,
              disabled: each.state === 'unreachable',
            }))}
            value={engine.engine}
            onChange={(next) => {
              choose(null);
              setPicked(next ?? undefined);
            }}
            error={engine.state === 'ready' ? undefined : m.flows.engineNotReady(engine.title)}
          />
        )}
        <div role="radiogroup" aria-label={m.flows.startFrom} className={classes.gallery}>
          <Choice checked={chosen === null} onChoose={() => choose(null)} title={m.flows.blank} text={engine && !isBuiltIn(engine) ? m.flows.blankRemote : m.flows.blankText}>
            <span className={classes.blankIcon} aria-hidden>
              <IconFile size={18} stroke={1.75} />
            </span>
          </Choice>
          {fitting.map((template) => (
            <Choice
              key={template.name}
              checked={chosen?.name === template.name}
              onChoose={() => choose(template)}
              title={template.title}
              text={template.summary}
            >
              {template.steps.slice(0, 5).map((step, at) => (
                <StepIcon key={`${step.name}-${at}`} operation={step.operation} />
              ))}
            </Choice>
          ))}
        </div>
        {templates.isPending && <Loading rows={2} height={72} />}
        {templates.error && <ProblemView error={templates.error} retry={templates.refetch} />}
        <TextInput label={m.app.nameField} placeholder={m.flows.namePlaceholder} maxLength={100} data-autofocus {...form.getInputProps('name')} />
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end">
          <Button type="submit" loading={busy}>
            {m.flows.createAction}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Choice({
  checked,
  onChoose,
  title,
  text,
  children,
}: {
  checked: boolean;
  onChoose: () => void;
  title: string;
  text: string;
  children: React.ReactNode;
}) {
  return (
    <UnstyledButton role="radio" aria-checked={checked} className={classes.choice} onClick={onChoose}>
      <span className={classes.choiceIcons}>{children}</span>
      <Text fw={600} component="span">
        {title}
      </Text>
      <Text size="sm" c="dimmed" component="span">
        {text}
      </Text>
    </UnstyledButton>
  );
}
