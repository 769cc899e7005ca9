import { m } from '@/messages/en';
import { Page } from '@/parts/page';
import { DeleteAccount } from './delete-account';
import { Name } from './name';
import { Password } from './password';
import { Sessions } from './sessions';

export function AccountPage() {
  return (
    <Page title={m.account.title} subtitle={m.account.subtitle}>
      <Name />
      <Password />
      <Sessions />
      <DeleteAccount />
    </Page>
  );
}
