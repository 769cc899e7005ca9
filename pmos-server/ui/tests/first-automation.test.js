import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { go, launch, newPerson, open, PASSWORD, post, saved, signUp } from './support.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test('a stranger signs up, publishes a template, calls its webhook, sees the run, and a viewer cannot edit', async () => {
  const ada = newPerson('Ada Lovelace');
  const { context, page, faults } = await open(browser);
  await signUp(page, ada);

  // From a template to a live automation.
  await page.getByRole('button', { name: 'New automation' }).click();
  await page.getByRole('radio', { name: /total/i }).click();
  await page.getByLabel('Name', { exact: true }).fill('Order intake');
  await page.getByRole('button', { name: 'Create automation' }).click();
  await page.getByRole('heading', { name: 'Order intake', level: 1 }).waitFor();
  await page.getByText('This automation is a draft').waitFor();
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByText('Live: a call to this address starts a run.').waitFor();
  const address = await page.getByRole('textbox', { name: 'Webhook address' }).textContent();
  assert.match(address, /\/hooks\/\w{20,}/);

  // What a program sends is answered and shows up as a run with its steps.
  const answer = await post(address, { qty: 4, price: 3 });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.total, 12);
  await go(page, 'Runs');
  await page.getByRole('table', { name: 'Runs' }).getByRole('link', { name: 'Order intake' }).first().click();
  await page.getByRole('heading', { name: 'Order intake', level: 1 }).waitFor();
  await page.getByRole('region', { name: 'Steps' }).getByRole('button', { name: /^Succeeded/ }).nth(2).waitFor();
  await page.getByRole('textbox', { name: 'Result' }).getByText('12').waitFor();

  // A draft changes, the live version does not, and the bar says so.
  await page.getByRole('link', { name: 'Open automation' }).click();
  await page.getByRole('textbox', { name: 'Name of the step' }).fill('An order comes in');
  await page.getByText('You have unpublished changes').waitFor();
  await saved(page);
  await page.reload();
  await page.getByRole('button', { name: /An order comes in/ }).first().waitFor();

  // Another person is invited as a viewer and joins in a browser of their own.
  await go(page, 'Admin');
  await page.getByRole('button', { name: 'Invite' }).click();
  const ben = newPerson('Ben Okafor');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail').fill(ben.email);
  await dialog.getByRole('radio', { name: 'Viewer' }).check();
  await dialog.getByRole('button', { name: 'Create invitation' }).click();
  const link = await dialog.getByRole('textbox', { name: 'Invitation link' }).textContent();

  const other = await open(browser);
  await other.page.goto(link);
  await other.page.getByRole('heading', { name: `Join ${ada.workspace}` }).waitFor();
  await other.page.getByLabel('Your name').fill(ben.name);
  await other.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await other.page.getByRole('button', { name: 'Create account and join' }).click();
  await other.page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor();

  await go(other.page, 'Automations');
  const create = other.page.getByRole('button', { name: 'New automation' });
  assert.equal(await create.getAttribute('aria-disabled'), 'true');
  await assert.doesNotReject(other.page.getByText('This needs the role member. Ask an admin of the workspace.').first().waitFor({ state: 'attached' }));
  await other.page.getByRole('link', { name: 'Order intake' }).click();
  await other.page.getByRole('heading', { name: 'Order intake', level: 1 }).waitFor();
  const publish = other.page.getByRole('button', { name: 'Publish', exact: true });
  assert.equal(await publish.getAttribute('aria-disabled'), 'true');
  assert.equal(await other.page.getByRole('textbox', { name: 'Name of the step' }).getAttribute('readonly'), '');
  await publish.hover();
  await other.page.getByRole('tooltip').getByText('This needs the role member').waitFor();
  // Who knows the address can start it.
  await other.page.getByText('Its address is shown to those who may start runs.').waitFor();
  assert.equal(await other.page.getByText('/hooks/').count(), 0);

  // They are in the list of members, and their role can be raised; their open page follows.
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('combobox', { name: `Role of ${ben.name}` }).click();
  await page.getByRole('option', { name: 'Member', exact: true }).click();
  // The password counts for ten minutes after it was given, so it is asked for only when the tests are slow.
  const asked = page.getByRole('dialog', { name: 'Confirm with your password' });
  const raised = page.getByText(`${ben.name} is now member`);
  await asked.or(raised).first().waitFor();
  if (await asked.isVisible()) {
    await asked.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await asked.getByRole('button', { name: 'Continue' }).click();
  }
  await raised.waitFor();
  await other.page.getByRole('button', { name: 'Publish', exact: true, disabled: false }).waitFor();
  await other.page.getByRole('textbox', { name: 'Webhook address' }).waitFor();

  // The refused act that asked for the password left one line in the console; nothing else may.
  assert.deepEqual(faults.filter((fault) => !/status of 403.*\/members\//.test(fault)), []);
  assert.deepEqual(other.faults, []);
  await context.close();
  await other.context.close();
});

test('a signed-out person is led to the sign-in and back to the page they wanted', async () => {
  const eve = newPerson('Eve Adams');
  const { context, page, faults } = await open(browser);
  await signUp(page, eve);
  await go(page, 'Runs');
  const wanted = `${page.url()}?status=failed`;
  await page.getByRole('button', { name: `Account of ${eve.name}` }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();

  await page.goto(wanted);
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
  await page.getByLabel('E-mail').fill(eve.email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
  assert.equal(page.url(), wanted);
  assert.deepEqual(faults, []);
  await context.close();
});

test('a session that ends in the middle of typing asks for the password over the page, and nothing typed is lost', async () => {
  const kim = newPerson('Kim Novak');
  const { context, page, faults } = await open(browser);
  await signUp(page, kim);
  await go(page, 'Admin');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Name of the workspace').fill('Renamed while signed out');
  await context.clearCookies();
  await page.getByRole('button', { name: 'Save settings' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: /Renamed while signed out/ }).waitFor();
  assert.deepEqual(faults.filter((fault) => !/status of 401/.test(fault)), []);
  await context.close();
});
