import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freshServer, go, launch, newPerson, open, saved, signUp, write } from './support.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

async function withTemplate(page, template = /lines/i) {
  await go(page, 'Automations');
  await page.getByRole('button', { name: 'New automation' }).click();
  await page.getByRole('radio', { name: template }).click();
  await page.getByRole('button', { name: 'Create automation' }).click();
  await page.getByRole('textbox', { name: 'Name of the step' }).waitFor();
  return page.getByRole('region', { name: 'Steps' });
}

test('what the data picker offers passes the check, with samples from the template', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Wanda Holt'));
  const steps = await withTemplate(page);
  await steps.getByRole('button', { name: /Send the line/ }).first().click();
  const address = page.getByRole('textbox', { name: 'Address' });
  const pick = async (path) => {
    await page.getByRole('button', { name: 'Insert data into Address' }).click();
    const choice = page.getByRole('button', { name: path });
    await choice.click();
    await page.getByRole('textbox', { name: 'Search data' }).waitFor({ state: 'detached' });
  };

  await page.getByRole('button', { name: 'Insert data into Address' }).click();
  // What a template brings along is what its senders send; what the catalogue makes up says that it does.
  await page.getByRole('button', { name: 'item.sku A1' }).waitFor();
  await page.getByText('Example', { exact: true }).first().waitFor();
  await page.keyboard.press('Escape');

  await address.fill('https://example.com/');
  await address.press('End');
  await pick(/^steps\.wanted\.taken\[0\]/);
  assert.equal(await address.inputValue(), 'https://example.com/{{ steps.wanted.taken[0] }}');
  // Inside braces the bare path goes in.
  await address.press('End');
  await address.press('ArrowLeft');
  await address.press('ArrowLeft');
  await page.keyboard.insertText('~ ');
  await pick(/^item\.sku/);
  assert.equal(await address.inputValue(), 'https://example.com/{{ steps.wanted.taken[0] ~ item.sku}}');
  // From the keyboard: a word, and Enter.
  await page.getByRole('button', { name: 'Insert data into Address' }).click();
  await page.getByRole('textbox', { name: 'Search data' }).fill('item.qty');
  await page.keyboard.press('Enter');
  assert.equal(await address.inputValue(), 'https://example.com/{{ steps.wanted.taken[0] ~ item.skuitem.qty}}');
  await address.fill('https://example.com/{{ steps.wanted.taken[0] ~ item.sku }}');
  await saved(page);
  await page.reload();
  await address.waitFor();
  assert.equal(await page.getByRole('button', { name: 'Publish', exact: true }).getAttribute('aria-disabled'), null);
  assert.deepEqual(faults, []);
  await context.close();
});

test('what is wrong inside a field is said at the field', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Xenia Roth'));
  const steps = await withTemplate(page);
  await steps.getByRole('button', { name: /Answer/ }).first().click();
  await write(page, 'Body', '{"sent": "{{ length(steps.lines) }}"}');
  const body = page.getByRole('textbox', { name: 'Body', exact: true });
  await page.getByRole('group', { name: 'Body' }).getByText(/^sent: /).waitFor();
  assert.equal(await body.getAttribute('aria-invalid'), 'true');
  assert.deepEqual(faults, []);
  await context.close();
});

test('a refused publish lists what is missing, marks the steps and leads to their fields', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Yara Blum'));
  const steps = await withTemplate(page);
  const message = 'has no credential; choose one';
  await page.route('**/publish', (route) =>
    route.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      json: { code: 'not_ready', detail: 'The automation has open issues. Mend them, then publish.', issues: [{ step: 'send', field: 'connection', code: 'required', message }] },
    }),
  );
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  const missing = page.getByRole('dialog', { name: '1 thing is missing' });
  await missing.getByText(message).waitFor();
  await steps.getByRole('img', { name: '1 thing is missing' }).waitFor();
  await missing.getByRole('button', { name: /Send the line/ }).click();
  const connection = page.getByRole('combobox', { name: 'Connection' });
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');
  assert.equal(await connection.getAttribute('aria-invalid'), 'true');
  await page.getByText('Has no credential; choose one', { exact: true }).waitFor();
  // It may be mended elsewhere, so it can be tried again; a change takes the mark away.
  assert.equal(await page.getByRole('button', { name: 'Publish', exact: true }).getAttribute('aria-disabled'), null);
  await page.getByRole('textbox', { name: 'Name of the step' }).fill('Send it');
  await steps.getByRole('img', { name: '1 thing is missing' }).waitFor({ state: 'detached' });
  assert.deepEqual(faults.filter((fault) => !/status of 422/.test(fault)), []);
  await context.close();
});

test('a step that needs a connection gets a new one without being left', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Zita Horn'));
  const steps = await withTemplate(page);
  await steps.getByRole('button', { name: /Send the line/ }).first().click();
  const connection = page.getByRole('combobox', { name: 'Connection' });
  await connection.click();
  await page.getByText('No connections yet').waitFor();
  await page.getByRole('option', { name: 'New connection' }).click();
  const dialog = page.getByRole('dialog', { name: 'New connection' });
  await dialog.getByLabel('Name', { exact: true }).fill('Warehouse');
  await dialog.getByLabel('Token', { exact: true }).fill('sk-1');
  await dialog.getByLabel('Hosts').fill('api.example.com');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Store connection' }).click();
  await dialog.waitFor({ state: 'detached' });
  await connection.getByText('Warehouse (api.example.com)').waitFor();
  await saved(page);
  await page.reload();
  await page.getByRole('combobox', { name: 'Connection, Warehouse (api.example.com)' }).waitFor();
  await connection.click();
  await page.getByRole('option', { name: 'None' }).click();
  await saved(page);
  await connection.getByText('None').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test('the history names fields and values, compares versions and brings them back', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Alma Reid'));
  const steps = await withTemplate(page, /total/i);
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByText('Version 1 is live').waitFor();

  // The place of the form is the same before and after the first edit.
  await steps.getByRole('button', { name: /^3\. Answer with the total/ }).click();
  const field = page.getByRole('textbox', { name: 'Name of the step' });
  const before = await field.boundingBox();
  await field.fill('Reply');
  await page.getByText('You have unpublished changes').waitFor();
  assert.deepEqual(await field.boundingBox(), before);
  await write(page, 'Body', '{"total": 1}');
  await saved(page);

  await page.getByRole('button', { name: 'History' }).click();
  const history = page.getByRole('dialog', { name: 'History' });
  await history.getByText('“Reply”: Body › total is now 1').first().waitFor();
  const version = history.getByRole('listitem').filter({ hasText: 'Version 1' });
  await version.getByText('Published by You').waitFor();
  await version.getByRole('button', { name: 'Compare version 1 with the draft' }).click();
  await version.getByText('“Reply”: Body › total is now 1').waitFor();
  await history.getByRole('button', { name: 'Discard changes' }).click();
  await page.getByRole('dialog', { name: /Discard all changes/ }).getByRole('button', { name: 'Discard changes' }).click();
  await page.getByText('The draft is what is live again').waitFor();
  await history.getByText('Brings back version 1').waitFor();
  await version.getByText('The draft is the same.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Version 1 is live').waitFor();
  await steps.getByRole('button', { name: /^3\. Answer with the total/ }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test('a page goes on by itself when the server is back', async (t) => {
  const server = await freshServer();
  if (!server) return t.skip('PMOS_TEST_PROGRAM does not say where the program is');
  t.after(() => server.stop());
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Bodil Vik'), server.url);
  await page.getByText('No runs in this time').first().waitFor();
  await withTemplate(page);
  await go(page, 'Automations');
  const search = page.getByRole('searchbox', { name: 'Search automations' });
  await search.waitFor();
  await server.kill();
  await page.getByText('The server does not answer.').waitFor();
  await search.fill('nothing is called that');
  await page.getByText('No connection').first().waitFor();
  await server.again();
  await page.getByText('Nothing matches').waitFor();
  await page.getByText('The server does not answer.').waitFor({ state: 'detached' });
  assert.deepEqual(faults.filter((fault) => !/net::ERR_|network error/.test(fault)), []);
  await context.close();
});
