import { Alert, Code, Text } from '@mantine/core';
import { IconListCheck, IconSearchOff, IconShieldCheck } from '@tabler/icons-react';
import { type UseInfiniteQueryResult, useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { AuditProof, AuditRecord } from '@/api/contract';
import { m } from '@/messages/en';
import { Act } from '@/parts/act';
import { Empty } from '@/parts/empty';
import { NotAllowed } from '@/parts/not-allowed';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { Pill, type Tone } from '@/parts/status';
import { More, Table, TwoLines } from '@/parts/table';
import { Ago, count } from '@/parts/time';
import { NOTHING, Sentence, type Things } from './sentence';

const TONES: Record<string, Tone> = { done: 'ok', denied: 'bad', asked: 'quiet', begun: 'run', failed: 'bad' };

interface Props {
  subtitle: string;
  tabs: ReactNode;
  list: UseInfiniteQueryResult<AuditRecord[]>;
  /** Reads the whole chain again. */
  prove: () => Promise<AuditProof>;
  /** Why it cannot be seen. */
  reason: string | null;
  /** What narrows the list, and whether it does. */
  filters?: ReactNode;
  filtered?: boolean;
  /** What the things are called that are still there. */
  things?: Things;
}

/** A chain of records: what was done, by whom, and whether none is missing. */
export function AuditLog({ subtitle, tabs, list, prove, reason, filters, filtered = false, things = NOTHING }: Props) {
  const verify = useMutation({ mutationFn: prove });
  return (
    <Page
      title={m.audit.title}
      subtitle={subtitle}
      actions={
        <Act reason={reason} variant="default" leftSection={<IconShieldCheck size={18} stroke={1.75} />} loading={verify.isPending} onClick={() => verify.mutate()}>
          {m.audit.verify}
        </Act>
      }
    >
      {tabs}
      <div role="status">
        {verify.data && (
          <Alert color={verify.data.ok ? 'accent' : 'red'} title={verify.data.ok ? m.audit.intact : m.audit.broken}>
            {verify.data.ok ? m.audit.intactText(count(verify.data.records)) : m.audit.brokenText}
            <Code block mt="xs">
              {verify.data.head}
            </Code>
          </Alert>
        )}
      </div>
      {verify.error && <ProblemView error={verify.error} />}
      {reason ? (
        <NotAllowed reason={reason} />
      ) : (
        <>
          {filters}
          <Section flush>
            {list.error && <ProblemView error={list.error} retry={list.refetch} />}
            {list.isPending && <Loading rows={6} />}
            {list.data?.length === 0 &&
              (filtered ? (
                <Empty icon={IconSearchOff} title={m.audit.noMatch} text={m.audit.noMatchText} />
              ) : (
                <Empty icon={IconListCheck} title={m.audit.none} text={m.audit.noneText} />
              ))}
            {list.data && list.data.length > 0 && (
              <Table
                label={m.audit.title}
                rows={list.data}
                rowKey={(record) => record.id}
                columns={[
                  {
                    key: 'action',
                    head: m.audit.what,
                    grow: true,
                    cell: (record) => (
                      <>
                        <Sentence record={record} things={things} />
                        {record.note && (
                          <Text size="xs" c="dimmed">
                            {record.note}
                          </Text>
                        )}
                      </>
                    ),
                  },
                  { key: 'outcome', head: m.audit.outcome, cell: ({ outcome }) => <Pill tone={TONES[outcome] ?? 'quiet'} children={m.audit.outcomes[outcome as keyof typeof m.audit.outcomes] ?? outcome} /> },
                  { key: 'from', head: m.audit.from, cell: ({ actor, ip }) => <TwoLines first={m.audit.actors[actor.kind as keyof typeof m.audit.actors] ?? actor.kind} second={ip} /> },
                  { key: 'at', head: m.audit.when, align: 'end', cell: ({ at }) => <Ago at={at} size="sm" c="dimmed" /> },
                ]}
              />
            )}
            <More list={list} />
          </Section>
        </>
      )}
    </Page>
  );
}
