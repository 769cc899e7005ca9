import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freshServer, go, launch, newPerson, open, post, saved, service, signUp, write } from './support.js';

const KEY = 'sk-canary-7d1f4b';
const LINES = 500;
const DEAR = (line) => line % 5 === 0;

let browser;
let server;
let warehouse;
before(async () => {
  browser = await launch();
  const failed = new Set();
  warehouse = await service(({ headers, body }) => {
    if (headers.authorization !== `Bearer ${KEY}`) return [401, { error: 'who is calling?' }];
    // One line is refused at first, as a service that restarts would.
    if (body.sku === 'SKU-10' && !failed.has(body.sku)) {
      failed.add(body.sku);
      return [503, { error: 'restarting' }];
    }
    return [200, { reserved: body.sku }];
  });
  server = await freshServer({ PMOS_ALLOW_HOSTS: warehouse.host });
});
after(async () => {
  warehouse?.close();
  await browser?.close();
  await server?.stop();
});

async function addStep(page, where, what) {
  await page.getByRole('button', { name: `Add a step ${where}`, exact: true }).click();
  await page.getByRole('dialog', { name: 'Add a step' }).getByRole('button', { name: new RegExp(`^${what}`) }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await saved(page);
}

async function nameStep(page, name) {
  await page.getByRole('textbox', { name: 'Name of the step' }).fill(name);
  await page.getByRole('button', { name: new RegExp(`\\. ${name}`) }).first().waitFor();
}

test('an order of 500 lines goes through loop, branch and a guarded call built in the browser', async (t) => {
  if (!server) return t.skip('PMOS_TEST_PROGRAM does not say where the program is');
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Mara Lindt'), server.url);

  await go(page, 'Integrations');
  await page.getByRole('link', { name: 'Connections' }).click();
  await page.getByRole('button', { name: 'New connection' }).first().click();
  const connection = page.getByRole('dialog', { name: 'New connection' });
  await connection.getByLabel('Name', { exact: true }).fill('Warehouse');
  await connection.getByLabel('Token', { exact: true }).fill(KEY);
  await connection.getByLabel('Hosts').fill(warehouse.host);
  await page.keyboard.press('Enter');
  await connection.getByRole('button', { name: 'Store connection' }).click();
  await page.getByRole('table', { name: 'Connections' }).getByText('Warehouse').waitFor();

  await go(page, 'Automations');
  await page.getByRole('button', { name: 'New automation' }).click();
  await page.getByRole('radio', { name: /^Blank/ }).click();
  await page.getByLabel('Name', { exact: true }).fill('Order lines');
  await page.getByRole('button', { name: 'Create automation' }).click();
  await page.getByRole('heading', { name: 'Order lines', level: 1 }).waitFor();
  await nameStep(page, 'Order received');

  await addStep(page, 'after “Order received”', 'Loop');
  await nameStep(page, 'Every line');
  await write(page, 'List', '{{ trigger.body.lines }}');

  await addStep(page, 'at the start of “Repeats for every item” in “Every line”', 'Branch');
  await nameStep(page, 'Dear?');
  await page.getByRole('button', { name: 'Add to branches' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Over 100');
  await page.getByRole('textbox', { name: 'When' }).fill('{{ item.price > 100 }}');
  await page.getByText('Over 100', { exact: true }).waitFor();
  await saved(page);

  await addStep(page, 'at the start of “Over 100” in “Dear?”', 'HTTP request');
  await nameStep(page, 'Reserve');
  await page.getByRole('combobox', { name: 'Method' }).click();
  await page.getByRole('option', { name: /^POST/ }).click();
  await page.getByRole('textbox', { name: 'Address' }).fill(`http://${warehouse.host}/reserve`);
  await write(page, 'Body', '{"sku": "{{ item.sku }}"}');
  await page.getByRole('combobox', { name: 'Connection' }).click();
  await page.getByRole('option', { name: /^Warehouse/ }).click();
  await page.getByRole('button', { name: 'When it fails' }).click();
  await page.getByRole('textbox', { name: 'Further tries' }).fill('2');
  await saved(page);

  await addStep(page, 'after “Every line”', 'Respond');
  await nameStep(page, 'Answer the shop');
  await write(page, 'Body', '{"lines": "{{ trigger.body.lines | length }}"}');
  await saved(page);

  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByText('On', { exact: true }).first().waitFor();
  await page.getByRole('button', { name: /Order received/ }).first().click();
  const address = await page.getByRole('textbox', { name: 'Webhook address' }).textContent();

  const lines = Array.from({ length: LINES }, (_, line) => ({ sku: `SKU-${line}`, price: DEAR(line) ? 120 : 20 }));
  const answer = await post(address, { lines });
  assert.deepEqual(answer, { status: 200, body: { lines: LINES } });

  // Every dear line arrived once, and the refused one a second time.
  const arrived = warehouse.calls.map(({ body }) => body.sku).sort();
  const dear = lines.filter(({ price }) => price > 100).map(({ sku }) => sku);
  assert.deepEqual(arrived, [...dear, 'SKU-10'].sort());

  // Every pass can be read.
  await page.getByRole('link', { name: 'Runs', exact: true }).last().click();
  await page.getByRole('table', { name: 'Runs' }).getByRole('link', { name: 'Order lines' }).click();
  const passes = page.getByRole('group', { name: 'Passes of Every line' });
  await passes.getByText(`of ${LINES}`).waitFor();
  const number = passes.getByRole('textbox', { name: 'Number of the pass' });
  await number.fill('11');
  await passes.getByRole('button', { name: /Reserve/ }).click();
  await page.getByText('try 2').waitFor();
  await page.getByRole('textbox', { name: 'Reserve: Output' }).getByText('SKU-10').waitFor();
  await number.fill('12');
  await passes.getByRole('button', { name: /Dear/ }).click();
  assert.equal(await passes.getByRole('button', { name: /Reserve/ }).count(), 0);
  await number.fill(String(LINES));
  await passes.getByRole('button', { name: /Dear/ }).waitFor();

  // The key is nowhere that a browser can reach.
  const workspace = /\/w\/([^/]+)/.exec(page.url())[1];
  for (const noun of ['flows', 'runs', 'connections', 'audit']) {
    const text = await page.evaluate(async (path) => (await fetch(path)).text(), `/api/v1/workspaces/${workspace}/${noun}`);
    assert.ok(!text.includes(KEY), `${noun} must not hold the key`);
  }
  const run = /\/runs\/([^/?]+)/.exec(page.url())[1];
  const whole = await page.evaluate(async (path) => (await fetch(path)).text(), `/api/v1/workspaces/${workspace}/runs/${run}`);
  assert.ok(!whole.includes(KEY));
  assert.ok(address.startsWith(server.url) || address.includes('/hooks/'));
  assert.deepEqual(faults, []);
  await context.close();
});
