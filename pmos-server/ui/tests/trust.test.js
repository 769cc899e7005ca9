import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freshServer, go, launch, newPerson, open, PASSWORD, signUp } from './support.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test('an act that needs the password asks for it, says when it is wrong, and goes on by itself when it is right', async () => {
  const mia = newPerson('Mia Wong');
  const { context, page, faults } = await open(browser);
  await signUp(page, mia);
  // After a sign-up the password counts for ten minutes. So the first answer is the one that comes after them; whatever
  // follows it is the server's own.
  let refused = 0;
  await page.route('**/api-keys', (route) => {
    if (route.request().method() !== 'POST' || refused > 0) return route.continue();
    refused += 1;
    return route.fulfill({
      status: 403,
      contentType: 'application/problem+json',
      body: JSON.stringify({ type: '/docs/errors/step_up_required', title: 'Not allowed', status: 403, code: 'step_up_required', detail: 'Give your password again to do this.', request_id: 'req_0' }),
    });
  });
  await go(page, 'Integrations');
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByRole('button', { name: 'New API key' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New API key' });
  await dialog.getByLabel('Name', { exact: true }).fill('Nightly export');
  await dialog.getByRole('button', { name: 'Create key' }).click();

  const asked = page.getByRole('dialog', { name: 'Confirm with your password' });
  await asked.getByLabel('Password', { exact: true }).fill('not the password at all');
  await asked.getByRole('button', { name: 'Continue' }).click();
  await asked.getByText('This address and password do not belong together').waitFor();
  await asked.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await asked.getByRole('button', { name: 'Continue' }).click();
  // The act was done once the password was right, with what had been typed before.
  const secret = await dialog.getByRole('textbox', { name: 'Secret of the key' }).textContent();
  assert.match(secret, /^pmos_\w{20,}/);
  assert.equal(refused, 1);
  assert.deepEqual(faults.filter((fault) => !/status of 40[13]/.test(fault)), []);
  await context.close();
});

test('an act that waits for an approval is neither shown as done nor as failed on our side', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Ines Roth'));
  await page.route('**/api-keys', (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    return route.fulfill({ status: 202, contentType: 'application/json', body: JSON.stringify({ approval: `apr_${'0'.repeat(32)}` }) });
  });
  await go(page, 'Integrations');
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByRole('button', { name: 'New API key' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New API key' });
  await dialog.getByLabel('Name', { exact: true }).fill('Nightly export');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await dialog.getByRole('alert').getByText('Waits for an approval').waitFor();
  assert.equal(await dialog.getByRole('textbox', { name: 'Secret of the key' }).count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test('who runs the instance acts in a foreign workspace with a reason that its admins read, and not after it ended', async (t) => {
  const server = await freshServer();
  if (!server) return t.skip('PMOS_TEST_PROGRAM does not say where the program is');
  try {
    const ada = newPerson('Ada Lovelace');
    const ben = newPerson('Ben Okafor');
    const root = await open(browser);
    await signUp(root.page, ada, server.url);
    const other = await open(browser);
    await signUp(other.page, ben, server.url);
    await other.page.getByRole('button', { name: 'New automation' }).click();
    await other.page.getByRole('radio', { name: /total/i }).click();
    await other.page.getByLabel('Name', { exact: true }).fill('Order intake');
    await other.page.getByRole('button', { name: 'Create automation' }).click();
    await other.page.getByRole('heading', { name: 'Order intake', level: 1 }).waitFor();
    const foreign = other.page.url();

    // Without a reason there is nothing to see.
    await root.page.goto(foreign);
    await root.page.getByText('There is nothing here, or it is not yours.').waitFor();
    await root.page.goto(`${server.url}/instance`);
    await root.page.getByRole('button', { name: `Act in it: ${ben.workspace}` }).click();
    const dialog = root.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Act in it' }).click();
    await dialog.getByText('Say why; its admins read this').waitFor();
    await dialog.getByLabel('Reason').fill('Ben asked why the webhook is silent');
    await dialog.getByRole('button', { name: 'Act in it' }).click();
    const banner = root.page.getByText(`You act in ${ben.workspace} as super admin until`);
    await banner.waitFor();

    // What she does there is done, and stays in view of its admins with her reason.
    await go(root.page, 'Automations');
    await root.page.getByRole('link', { name: 'Order intake' }).click();
    await root.page.getByRole('button', { name: 'Publish', exact: true }).click();
    await root.page.getByText('Live: a call to this address starts a run.').waitFor();
    await banner.waitFor();
    await go(other.page, 'Admin');
    await other.page.getByRole('link', { name: 'Audit log' }).click();
    const audit = other.page.getByRole('table', { name: 'Audit log' });
    const published = audit.getByRole('row').filter({ hasText: `${ada.name} published Order intake` });
    await published.getByText('as super admin: Ben asked why the webhook is silent').waitFor();
    await published.getByRole('link', { name: 'Order intake' }).waitFor();
    // Narrowed to what Ben did, it is not there; what Ben did is.
    await other.page.getByRole('combobox', { name: 'Who' }).click();
    await other.page.getByRole('option', { name: ben.name }).click();
    await published.waitFor({ state: 'detached' });
    await audit.getByRole('row').filter({ hasText: `${ben.name} created Order intake` }).waitFor();
    await other.page.getByRole('combobox', { name: 'Outcome' }).click();
    await other.page.getByRole('option', { name: 'Denied' }).click();
    await other.page.getByText('No record like this').waitFor();

    // Afterwards she is a stranger again.
    await root.page.getByRole('button', { name: 'Stop acting' }).click();
    await root.page.getByRole('heading', { name: 'All workspaces', level: 1 }).waitFor();
    await root.page.goto(foreign);
    await root.page.getByText('There is nothing here, or it is not yours.').waitFor();

    // Others do not find the page of the instance.
    await other.page.goto(`${server.url}/instance`);
    await other.page.getByText('There is nothing here, or it is not yours.').waitFor();
    assert.deepEqual(root.faults, []);
    assert.deepEqual(other.faults, []);
    await root.context.close();
    await other.context.close();
  } finally {
    await server.stop();
  }
});
