import { IconPlus, IconSparkles } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { providersQuery } from '@/api/models';
import { m } from '@/messages/en';
import { Act } from '@/parts/act';
import classes from '@/parts/cards.module.css';
import { Empty } from '@/parts/empty';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { SectionTabs } from '@/parts/section-tabs';
import { useReason, useWorkspace } from '@/parts/workspace';
import { ConnectDialog } from './connect-dialog';
import { ProviderCard } from './card';

/** The models that answer in conversations, by those who provide them. */
export function ModelsPage() {
  const { id: workspace } = useWorkspace();
  const list = useQuery(providersQuery(workspace));
  const reason = useReason('models.connect');
  const [connecting, setConnecting] = useState(false);
  const connect = (
    <Act reason={reason} leftSection={<IconPlus size={18} stroke={1.75} />} onClick={() => setConnecting(true)}>
      {m.models.connect}
    </Act>
  );
  return (
    <Page title={m.models.title} subtitle={m.models.subtitle} actions={list.data && list.data.length > 0 ? connect : undefined}>
      <SectionTabs group="integrations" />
      {list.error && !list.data && <ProblemView error={list.error} retry={list.refetch} />}
      {list.isPending && <Loading rows={2} height={220} />}
      {list.data?.length === 0 && (
        <Section>
          <Empty icon={IconSparkles} title={m.models.none} text={m.models.noneText}>
            {connect}
          </Empty>
        </Section>
      )}
      {list.data && list.data.length > 0 && (
        <ul className={classes.cards} aria-label={m.models.list}>
          {list.data.map((provider) => (
            <ProviderCard key={provider.provider} provider={provider} />
          ))}
        </ul>
      )}
      <ConnectDialog opened={connecting} onClose={() => setConnecting(false)} taken={list.data?.map(({ provider }) => provider) ?? []} />
    </Page>
  );
}
