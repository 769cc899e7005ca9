import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { go, launch, newPerson, open, saved, signUp, write } from './support.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

async function withTemplate(page) {
  await go(page, 'Automations');
  await page.getByRole('button', { name: 'New automation' }).click();
  await page.getByRole('radio', { name: /lines/i }).click();
  await page.getByRole('button', { name: 'Create automation' }).click();
  await page.getByRole('textbox', { name: 'Name of the step' }).waitFor();
  return page.getByRole('region', { name: 'Steps' });
}

test('a step that was removed comes back, by the toast and by the keys', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Rune Dahl'));
  const steps = await withTemplate(page);
  const card = steps.getByRole('button', { name: /^2\. Where to send the lines/ });
  const remove = async () => {
    await card.click();
    await steps.getByRole('button', { name: 'More for step Where to send the lines', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await steps.getByRole('button', { name: /^2\. For e/ }).waitFor();
  };

  await remove();
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('2. For every line'));
  // What is done since stays when the removal is taken back.
  await page.getByRole('textbox', { name: 'Name of the step' }).fill('For each');
  await saved(page);
  await page.getByRole('alert').getByRole('button', { name: 'Undo' }).click();
  await card.waitFor();
  await steps.getByRole('button', { name: /^3\. For each/ }).waitFor();

  await remove();
  await page.waitForFunction(() => document.activeElement?.hasAttribute('data-step'));
  await page.keyboard.press('Control+z');
  await card.waitFor();
  await page.keyboard.press('Control+Shift+z');
  await card.waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
  await context.close();
});

test('what cannot be saved yet stays in its field, is counted, and is asked about on leaving', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Sanna Lind'));
  const steps = await withTemplate(page);
  const name = page.getByRole('textbox', { name: 'Name of the step' });

  await steps.getByRole('button', { name: /Answer/ }).first().click();
  await write(page, 'Body', '{"sent": ');
  await page.getByText('1 field not saved').waitFor();
  await steps.getByRole('button', { name: /Where to send the lines/ }).first().click();
  await name.fill('');
  await page.getByText('Give it a name').waitFor();
  await page.getByText('2 fields not saved').waitFor();
  assert.equal(await name.inputValue(), '');
  await name.fill('Target');
  await steps.getByRole('button', { name: /Answer/ }).first().click();
  await page.getByText('{"sent":').waitFor();

  await page.getByRole('link', { name: 'Dashboard' }).click();
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  await question.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await page.getByRole('button', { name: 'Publish', exact: true }).getAttribute('aria-disabled'), 'true');
  await write(page, 'Body', '{"sent": true}');
  await saved(page);
  await page.reload();
  await page.getByText('"sent": true').waitFor();
  await steps.getByRole('button', { name: /^2\. Target/ }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test('a change that is refused stays in its field with the reason', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Tove Falk'));
  const steps = await withTemplate(page);
  await steps.getByRole('button', { name: /Answer/ }).first().click();
  const reason = 'is not taken today';
  const refuse = (route) =>
    route.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      json: { code: 'invalid_input', detail: `edits[0].set.settings.body: ${reason}`, errors: [{ field: 'edits[0].set.settings.body', message: reason }] },
    });
  await page.route('**/edits', refuse);
  await write(page, 'Body', '{"sent": 1}');
  await page.getByText('Is not taken today', { exact: true }).first().waitFor();
  await page.getByText('1 field not saved').waitFor();
  await page.getByText('{"sent": 1}').waitFor();
  await page.unroute('**/edits', refuse);
  await write(page, 'Body', '{"sent": 2}');
  await saved(page);
  await page.reload();
  await page.getByText('"sent": 2').waitFor();
  assert.deepEqual(faults.filter((fault) => !/status of 422/.test(fault)), []);
  await context.close();
});

test('Escape and Back close what lies on top and nothing below it', async () => {
  const { context, page, faults } = await open(browser, { viewport: { width: 390, height: 844 } });
  await signUp(page, newPerson('Ulla Berg'));
  await page.getByRole('button', { name: 'Open menu' }).click();
  await page.getByRole('link', { name: 'Automations', exact: true }).click();
  await page.getByRole('button', { name: 'New automation' }).click();
  await page.getByRole('radio', { name: /lines/i }).click();
  await page.getByRole('button', { name: 'Create automation' }).click();
  await page.getByRole('button', { name: /^2\. Where to send the lines/ }).click();
  const drawer = page.getByRole('dialog', { name: 'Where to send the lines' });
  await drawer.getByRole('button', { name: /^Insert data into/ }).first().click();
  const search = page.getByRole('textbox', { name: 'Search data' });
  await search.waitFor();
  await search.press('Escape');
  await search.waitFor({ state: 'detached' });
  await drawer.waitFor();

  const { pathname } = new URL(page.url());
  await page.goBack();
  await drawer.waitFor({ state: 'detached' });
  assert.equal(new URL(page.url()).pathname, pathname);
  await page.getByRole('button', { name: /^2\. Where to send the lines/ }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Automations', level: 1 }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test('Escape in the password dialog keeps the form below it', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Vera Moe'));
  await page.goto(page.url().replace(/\/w\/([^/]+).*/, '/w/$1/integrations/api-keys'));
  await page.getByRole('button', { name: 'New API key' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Name', { exact: true }).fill('For the shop');
  // As it is when the password was last given some time ago.
  await page.route('**/api-keys', (route) =>
    route.request().method() === 'POST' ? route.fulfill({ status: 403, json: { code: 'step_up_required', detail: 'Confirm with your password.' } }) : route.continue(),
  );
  await form.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('dialog', { name: 'Confirm with your password' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Confirm with your password' }).waitFor({ state: 'detached' });
  assert.equal(await form.getByLabel('Name', { exact: true }).inputValue(), 'For the shop');
  assert.deepEqual(faults.filter((fault) => !/status of 403/.test(fault)), []);
  await context.close();
});
