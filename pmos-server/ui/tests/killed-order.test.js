import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freshServer, launch, newPerson, open, post, service, signUp } from './support.js';

const KEY = 'sk-canary-9b3e21';
const LINES = 500;
/** The call over which the program dies; it is never answered. */
const LAST = 120;

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const step = (id, name, operation, settings, more = {}) => ({ id, kind: 'action', name, piece: 'core', operation, settings, ...more });

function order(connection, host) {
  return {
    steps: [
      { id: 'trigger', kind: 'trigger', name: 'Order received', piece: 'core', operation: 'webhook', settings: { respond: 'at_end' } },
      step('lines', 'Every line', 'loop', { items: '{{ trigger.body.lines }}' }),
      step('dear', 'Dear?', 'branch', { branches: [{ name: 'Over 100', when: '{{ item.price > 100 }}' }] }),
      step(
        'reserve',
        'Reserve',
        'http',
        { method: 'POST', url: `http://${host}/reserve`, body: { sku: '{{ item.sku }}' }, repeatable: true },
        { connection, retry: { times: 2 } },
      ),
      step('reply', 'Answer the shop', 'respond', { body: { lines: '{{ steps.lines.count }}' } }),
    ],
    edges: [
      { from: 'trigger', port: 'next', to: 'lines' },
      { from: 'lines', port: 'loop', to: 'dear' },
      { from: 'dear', port: 'branch:0', to: 'reserve' },
      { from: 'lines', port: 'next', to: 'reply' },
    ],
  };
}

/** What the page itself would send. */
const call = (page, path, body) =>
  page.evaluate(
    async ([path, body]) => {
      const write = { method: 'POST', headers: { 'x-pmos': '1', 'content-type': 'application/json' }, body: JSON.stringify(body) };
      const response = await fetch(path, body ? write : {});
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response.json();
    },
    [path, body],
  );

test('an order whose program is killed in the loop goes on, and every pass of it can be read in the browser', async (t) => {
  let reached;
  const inTheMiddle = new Promise((resolve) => (reached = resolve));
  let free;
  const killed = new Promise((resolve) => (free = resolve));
  const warehouse = await service(async ({ headers, body }, number) => {
    if (headers.authorization !== `Bearer ${KEY}`) return [401, { error: 'who is calling?' }];
    if (number === 3) return [503, { error: 'restarting' }];
    if (number === LAST) {
      reached();
      await killed;
    }
    return [200, { reserved: body.sku }];
  });
  const server = await freshServer({ PMOS_ALLOW_HOSTS: warehouse.host });
  try {
    if (!server) return t.skip('PMOS_TEST_PROGRAM does not say where the program is');
    const { context, page } = await open(browser);
    await signUp(page, newPerson('Mara Lindt'), server.url);
    const at = `/api/v1/workspaces/${/\/w\/([^/?]+)/.exec(page.url())[1]}`;
    const secret = { token: KEY };
    const connection = await call(page, `${at}/connections`, { name: 'Warehouse', kind: 'bearer', secret, hosts: [warehouse.host] });
    const flow = await call(page, `${at}/flows`, { name: 'Order lines', graph: order(connection.id, warehouse.host) });
    const { hook_url: address } = await call(page, `${at}/flows/${flow.id}/publish`, {});
    const dear = (line) => line % 2 === 0;
    const lines = Array.from({ length: LINES }, (_, line) => ({ sku: `SKU-${line}`, price: dear(line) ? 120 : 20 }));
    const answered = post(address, { lines }).then(
      () => true,
      () => false,
    );
    await inTheMiddle;
    await server.kill();
    free();
    assert.equal(await answered, false, 'there was an answer for a program that was dead');
    await server.again();

    // The run is found in the list and ends well.
    await page.goto(`${server.url}${new URL(page.url()).pathname}/runs`);
    await page.getByRole('table', { name: 'Runs' }).getByRole('link', { name: 'Order lines' }).click();
    await page.getByRole('textbox', { name: 'Result' }).getByText(String(LINES)).waitFor({ timeout: 30_000 });
    const runs = await call(page, `${at}/runs`);
    assert.deepEqual(runs.items.map(({ status }) => status), ['succeeded']);

    // The refused line and the one under way came twice, nothing that was on record did.
    const counts = new Map();
    for (const { body } of warehouse.calls) counts.set(body.sku, (counts.get(body.sku) ?? 0) + 1);
    assert.equal(counts.size, LINES / 2);
    const twice = [...counts].filter(([, count]) => count > 1);
    assert.deepEqual(twice.map(([, count]) => count), [2, 2], twice.map(([sku]) => sku).join());

    // Every pass is there, before, at and after the death.
    const passes = page.getByRole('group', { name: 'Passes of Every line' });
    await passes.getByText(`of ${LINES}`).waitFor();
    const number = passes.getByRole('textbox', { name: 'Number of the pass' });
    for (const pass of [1, 5, 2 * LAST - 5, 2 * LAST - 3, 2 * LAST - 1, LINES - 1]) {
      await number.fill(String(pass));
      await passes.getByRole('button', { name: /Reserve/ }).click();
      await page.getByRole('textbox', { name: 'Reserve: Output' }).getByText(`SKU-${pass - 1}"`).waitFor();
    }
    const run = await call(page, `${at}/runs/${runs.items[0].id}`);
    const { iterations } = run.steps.find(({ id }) => id === 'lines');
    assert.equal(iterations.length, LINES);
    iterations.forEach(({ steps }, line) => {
      const status = steps.find(({ id }) => id === 'reserve')?.status ?? 'skipped';
      assert.equal(status, dear(line) ? 'succeeded' : 'skipped', `line ${line}`);
    });

    // The key is in nothing that can be read, on the screen or on the disk.
    assert.ok(!JSON.stringify(run).includes(KEY));
    for (const { name: file } of (await readdir(server.data, { withFileTypes: true })).filter((entry) => entry.isFile())) {
      assert.ok(!(await readFile(join(server.data, file))).includes(KEY), `the key stands in ${file}`);
    }
    await context.close();
  } finally {
    free();
    warehouse.close();
    await server?.stop();
  }
});
