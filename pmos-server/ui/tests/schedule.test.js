import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freshServer, go, launch, newPerson, open, saved, signUp, write } from './support.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Makes an automation from a template and is at its page. */
async function create(page, template, name) {
  await go(page, 'Automations');
  await page.getByRole('button', { name: 'New automation' }).click();
  await page.getByRole('radio', { name: template }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Create automation' }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

async function choose(page, field, option) {
  await page.getByRole('combobox', { name: field }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

const publish = (page) => page.getByRole('button', { name: 'Publish', exact: true }).click();

const get = (page, path) => page.evaluate(async (path) => (await fetch(path)).json(), path);

/** The first run of a flow that stands like this, as the API shows it. */
async function runThat(page, at, flow, wanted) {
  for (const until = Date.now() + 60_000; Date.now() < until; ) {
    const { items } = await get(page, `${at}/runs?flow=${flow}&limit=50`);
    const found = items.findLast(({ status }) => status === wanted);
    if (found) return found;
  }
  throw new Error(`no run is ${wanted}`);
}

test('an automation starts by itself, waits, runs another one, and goes on after the program was killed', async (t) => {
  const server = await freshServer();
  try {
    if (!server) return t.skip('PMOS_TEST_PROGRAM does not say where the program is');
    const { context, page, faults } = await open(browser);
    await signUp(page, newPerson('Tove Lund'), server.url);
    const at = `/api/v1/workspaces/${/\/w\/([^/?]+)/.exec(page.url())[1]}`;
    await create(page, /total/i, 'Totals');
    await publish(page);
    await page.getByText('Live: a call to this address starts a run.').waitFor();

    await create(page, /working day/i, 'Round');
    const flow = /automations\/([^/?]+)/.exec(page.url())[1];
    await choose(page, 'When', 'Again and again');
    await page.getByRole('textbox', { name: 'Every how many seconds' }).fill('10');
    await saved(page);
    await page.getByText('It starts by itself once the automation is published and on.').waitFor();
    await page.getByRole('button', { name: 'Add a step after “Take a breath”' }).click();
    await page.getByRole('dialog', { name: 'Add a step' }).getByRole('button', { name: /^Run an automation/ }).click();
    await choose(page, 'Automation', 'Totals');
    await write(page, 'Input', '{"body": {"qty": 4, "price": 3}}');
    await saved(page);
    await publish(page);
    await page.getByText('You have unpublished changes').waitFor({ state: 'detached' });

    // In the middle of its wait nothing of it is left but what the store says.
    const waiting = await runThat(page, at, flow, 'waiting');
    await server.kill();
    await server.again();
    await page.goto(`${server.url}${new URL(page.url()).pathname.replace(/automations.*/, `runs/${waiting.id}`)}`);
    await page.getByRole('heading', { name: 'Round', level: 1 }).waitFor();
    const steps = page.getByRole('region', { name: 'Steps' });
    await steps.getByRole('button', { name: /^Succeeded.*Run an automation/ }).waitFor();
    await page.getByRole('textbox', { name: 'Result' }).getByText('Good morning').waitFor();

    // The run that it started leads back to it.
    const run = await get(page, `${at}/runs/${waiting.id}`);
    const called = run.steps.find(({ name }) => name === 'Run an automation');
    assert.equal(called.output.total, 12);
    assert.equal(run.trigger, 'schedule');
    await page.goto(`${server.url}${new URL(page.url()).pathname.replace(/runs.*/, `runs/${called.input.run}`)}`);
    await page.getByRole('link', { name: 'Run that started it' }).click();
    await page.getByRole('heading', { name: 'Round', level: 1 }).waitFor();

    // Each of its times started one run.
    const { items } = await get(page, `${at}/runs?flow=${flow}&limit=50`);
    const runs = await Promise.all(items.map(({ id }) => get(page, `${at}/runs/${id}`)));
    const known = runs.map(({ steps }) => steps[0]?.output.slot).filter(Boolean);
    assert.equal(new Set(known).size, known.length, known.join());
    assert.deepEqual(faults.filter((fault) => !/net::ERR_|status of 5/.test(fault)), []);
    await context.close();
  } finally {
    await server?.stop();
  }
});
