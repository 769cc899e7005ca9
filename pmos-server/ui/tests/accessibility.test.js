import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { BASE, go, launch, newPerson, open, post, signUp } from './support.js';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser;
let state;
let paths;
before(async () => {
  browser = await launch();
  const { context, page } = await open(browser);
  await signUp(page, newPerson('Grace Hopper'));
  const root = new URL(page.url()).pathname.replace(/\/$/, '');
  await page.getByRole('button', { name: 'New automation' }).click();
  await page.getByRole('radio', { name: /lines/i }).click();
  await page.getByRole('button', { name: 'Create automation' }).click();
  const first = new URL(await flow(page)).pathname;
  await go(page, 'Automations');
  await page.getByRole('button', { name: 'New automation' }).click();
  await page.getByRole('radio', { name: /total/i }).click();
  await page.getByRole('button', { name: 'Create automation' }).click();
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByText('Live: a call to this address starts a run.').waitFor();
  await post(await page.getByRole('textbox', { name: 'Webhook address' }).textContent(), { qty: 4 });
  await go(page, 'Runs');
  await page.getByRole('table', { name: 'Runs' }).getByRole('link').first().click();
  await page.getByRole('region', { name: 'Steps' }).waitFor();
  const run = new URL(page.url()).pathname;
  await go(page, 'Chat');
  await page.getByRole('textbox', { name: 'Message' }).fill('/new Stock');
  await page.keyboard.press('Enter');
  await page.getByRole('group', { name: 'What was really done' }).waitFor();
  const chat = new URL(page.url()).pathname;
  state = await context.storageState();
  await context.close();
  paths = [
    '/sign-in',
    '/sign-up',
    '/reset',
    '/reset/none',
    '/join/none',
    root,
    `${root}/automations`,
    `${root}/automations?create=true`,
    first,
    `${first}?step=send`,
    `${root}/runs`,
    run,
    `${root}/integrations/services`,
    `${root}/integrations/models`,
    `${root}/integrations/connections`,
    `${root}/integrations/api-keys`,
    `${root}/admin/members`,
    `${root}/admin/settings`,
    `${root}/admin/approvals`,
    `${root}/admin/usage`,
    `${root}/admin/audit`,
    `${root}/chat`,
    chat,
    `${root}/approvals`,
    `${root}/approvals/history`,
    `${root}/approvals/grants`,
    `${root}/nowhere`,
    '/account',
    '/instance',
    '/instance/audit',
  ];
});
after(() => browser?.close());

async function flow(page) {
  await page.waitForURL(/automations\/flow_/);
  await page.getByRole('region', { name: 'Steps' }).waitFor();
  return page.url();
}

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1440, 390]) {
    test(`every screen is accessible in ${colorScheme}, ${width} wide`, async () => {
      // The checker is a script of its own, which the policy of the page would rightly refuse.
      const { context, page } = await open(browser, { colorScheme, viewport: { width, height: 900 }, bypassCSP: true, storageState: state });
      const found = {};
      for (const path of paths) {
        await page.goto(BASE + path);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
        for (const { id, impact, nodes } of violations) {
          const kind = `${id} (${impact})`;
          found[kind] ??= `${path}: ${nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary?.split('\n')[1] ?? ''}`).join(' | ')}`;
        }
      }
      assert.deepEqual(found, {});
      await context.close();
    });
  }
}

test('no screen breaks the policy of the page or writes an error, in either theme and width', async () => {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1440, 390]) {
      const { context, page, faults } = await open(browser, { colorScheme, viewport: { width, height: 900 }, storageState: state });
      for (const path of paths) {
        await page.goto(BASE + path);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
      }
      assert.deepEqual(faults.filter((fault) => !/status of 404.*\/(invitations|auth\/reset|admin)\//.test(fault)), []);
      await context.close();
    }
  }
});

test('the watch over the policy sees a breach', async () => {
  const { context, page, faults } = await open(browser);
  await page.goto(`${BASE}/sign-in`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<p style="color: red">refused</p>'));
  await page.waitForFunction(() => true);
  await assert.doesNotReject(until(() => faults.some((fault) => fault.includes('policy'))));
  await context.close();
});

async function until(holds) {
  const end = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error('it never happened');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
