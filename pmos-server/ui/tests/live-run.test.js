import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freshServer, launch, newPerson, open, post, service, signUp } from './support.js';

let browser;
let server;
let slow;
let release;
before(async () => {
  browser = await launch();
  const released = new Promise((resolve) => {
    release = resolve;
  });
  slow = await service(async () => {
    await released;
    return [200, { reserved: true }];
  });
  server = await freshServer({ PMOS_ALLOW_HOSTS: slow.host });
});
after(async () => {
  slow?.close();
  await browser?.close();
  await server?.stop();
});

const step = (id, name, operation, settings) => ({ id, kind: id === 'trigger' ? 'trigger' : 'action', name, piece: 'core', operation, settings });

test('a run is watched while it works, without touching the page', async (t) => {
  if (!server) return t.skip('PMOS_TEST_PROGRAM does not say where the program is');
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Rosa Lind'), server.url);
  const [, workspace] = /\/w\/([^/?]+)/.exec(page.url());
  const graph = {
    steps: [
      step('trigger', 'Order received', 'webhook', { respond: 'at_once' }),
      step('lines', 'Every line', 'loop', { items: '{{ trigger.body.lines }}' }),
      step('send', 'Send the line', 'http', { method: 'POST', url: `http://${slow.host}/`, body: { line: '{{ item }}' } }),
    ],
    edges: [
      { from: 'trigger', port: 'next', to: 'lines' },
      { from: 'lines', port: 'loop', to: 'send' },
    ],
  };
  const flow = await page.evaluate(
    async ([workspace, graph]) => {
      const send = async (path, body) => {
        const response = await fetch(`/api/v1/workspaces/${workspace}/flows${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-pmos': '1' },
          body: JSON.stringify(body),
        });
        return response.json();
      };
      const { id } = await send('', { name: 'Slow lines', graph });
      return send(`/${id}/publish`, {});
    },
    [workspace, graph],
  );
  const begun = await post(flow.hook_url, { lines: [1, 2, 3] });
  assert.equal(begun.status, 202);

  // The list knows of it by itself, and the page of the run shows it at work.
  const recent = page.getByRole('table', { name: 'Runs' });
  await recent.getByText('Running').waitFor();
  await recent.getByRole('link', { name: 'Slow lines' }).click();
  const steps = page.getByRole('region', { name: 'Steps' });
  await page.getByText('Running', { exact: true }).first().waitFor();
  await steps.getByRole('button', { name: /^Running Every line/ }).waitFor();

  release();
  await steps.getByRole('button', { name: /^Succeeded Every line/ }).waitFor();
  await page.getByText('of 3', { exact: true }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
