import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { putRemoteEngine } from './remote-engine.js';
import { BASE, go, launch, newPerson, open, saved, signUp } from './support.js';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** A person in a workspace with a remote engine, on the page of that address. */
async function enter(name, options, address = () => '') {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson(name));
  const root = new URL(page.url()).pathname.replace(/\/$/, '');
  const remote = await putRemoteEngine(page, options);
  // Read anew, so that nothing is left that the real server said before.
  await page.goto(BASE + root + address(remote));
  // That there is no such piece, or no form, is an answer, which the console calls an error.
  const end = async () => {
    assert.deepEqual(faults.filter((fault) => !/status of (404.*(pieces\/retired-app|credentials\/assistantKey)|409.*pieces)/.test(fault)), []);
    await context.close();
  };
  return { page, remote, end };
}

test('an engine is connected with a place made for the workspace, checked, and its wall is said', async () => {
  const { page, remote, end } = await enter('Tara Voss', {});
  await go(page, 'Integrations');
  const card = page.getByRole('listitem', { name: 'Elsewhere' });
  await card.getByText('Not connected', { exact: true }).waitFor();
  await card.getByText('Have a place made for it, or paste the address and key of your own server.').waitFor();
  await card.getByRole('button', { name: 'Connect' }).click();
  const dialog = page.getByRole('dialog', { name: 'Connect Elsewhere' });
  await dialog.getByRole('radio', { name: 'Make a place for us' }).waitFor();
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await card.getByText('Ready', { exact: true }).waitFor();
  await card.getByText('A user of its own on a shared server').waitFor();
  assert.deepEqual(remote.asked.find(({ connect }) => connect).connect, { provision: true });

  // What is wrong stands with what to do, and what cannot be known yet is not called wrong.
  remote.ill = {
    key_valid: { ok: false, message: 'The server refuses the key.', action: 'Make new keys.' },
    workspace_ready: { ok: null, message: 'Known once the key is valid.' },
  };
  await remote.tell('engine.state', { kind: 'engine', id: 'elsewhere' });
  await card.getByText('Needs you').waitFor();
  const facts = card.getByRole('list', { name: 'What was found' });
  await facts.getByRole('listitem').filter({ hasText: 'Key refused' }).getByText('Make new keys.').waitFor();
  assert.equal(await facts.getByRole('img', { name: 'Not known' }).count(), 1);

  await card.getByRole('button', { name: 'More for Elsewhere' }).click();
  await page.getByRole('menuitem', { name: 'New keys' }).click();
  remote.ill = {};
  await page.getByRole('dialog').getByRole('button', { name: 'Make new keys' }).click();
  await card.getByText('Ready', { exact: true }).waitFor();
  await card.getByRole('button', { name: 'Check again: Elsewhere' }).click();
  await page.getByText('Elsewhere is ready').waitFor();
  await end();
});

test('a server of one’s own is connected by address and key, and what is missing is said at the field', async () => {
  const { page, remote, end } = await enter('Udo Brandt', { provisions: false }, () => '/integrations/services');
  await page.getByRole('listitem', { name: 'Elsewhere' }).getByRole('button', { name: 'Connect' }).click();
  const dialog = page.getByRole('dialog', { name: 'Connect Elsewhere' });
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.getByText('Paste the address of your server').waitFor();
  await dialog.getByText('Fill in: Key').waitFor();
  await dialog.getByLabel('Address').fill('https://flows.example.com');
  await dialog.getByLabel('Key', { exact: true }).fill('k-1');
  await dialog.getByRole('group', { name: 'You can leave these empty' }).waitFor();
  await dialog.getByLabel('E-mail of an account').fill('ops@example.com');
  await dialog.getByLabel('Its password').fill('pw');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await page.getByText('Your own key').waitFor();
  assert.deepEqual(remote.asked.find(({ connect }) => connect).connect, {
    base_url: 'https://flows.example.com',
    api_key: 'k-1',
    email: 'ops@example.com',
    password: 'pw',
  });
  await end();
});

test('an engine that is open to a key only says what that means, is asked once, and can be opened further', async () => {
  const { page, remote, end } = await enter('Ylva Ek', { connected: true, provisions: false, wall: 'own_key' }, () => '/integrations/services');
  const todo = 'Give the e-mail and password of an account.';
  remote.ill = { version_supported: { message: 'Steps are shown without forms.', action: todo } };
  remote.closed = 'Its steps have forms only for an account.';
  await remote.tell('engine.state', { kind: 'engine', id: 'elsewhere' });
  const card = page.getByRole('listitem', { name: 'Elsewhere' });
  await card.getByText(todo).waitFor();
  await card.getByRole('img', { name: 'With a limit' }).waitFor();
  await card.getByText('Ready', { exact: true }).waitFor();

  await go(page, 'Automations');
  await page.getByRole('link', { name: 'Support queue' }).click();
  await page.getByRole('button', { name: /Mail arrives/ }).first().click();
  await page.getByText(remote.closed).waitFor();
  assert.equal(remote.asked.filter(({ piece }) => piece).length, 1);

  await page.getByRole('link', { name: 'Open Integrations' }).click();
  await card.getByRole('button', { name: 'More for Elsewhere' }).click();
  await page.getByRole('menuitem', { name: 'Change key or account' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change key or account of Elsewhere' });
  assert.equal(await dialog.getByLabel('Address').inputValue(), 'https://flows.example.com');
  await dialog.getByLabel('Key', { exact: true }).fill('k-2');
  remote.ill = {};
  remote.closed = null;
  await dialog.getByRole('button', { name: 'Change key or account' }).click();
  await page.getByText('Elsewhere is opened with what you gave').waitFor();
  await card.getByRole('img', { name: 'With a limit' }).waitFor({ state: 'detached' });
  await end();
});

test('giving an engine up says what is lost, and force is offered only when it does not answer', async () => {
  const { page, remote, end } = await enter('Vera Sand', { connected: true }, () => '/integrations/services');
  const card = page.getByRole('listitem', { name: 'Elsewhere' });
  await card.getByRole('button', { name: 'More for Elsewhere' }).click();
  await page.getByRole('menuitem', { name: 'Disconnect' }).click();
  const dialog = page.getByRole('dialog', { name: 'Disconnect Elsewhere?' });
  await dialog.getByText('Automations concerned: 1. Past runs stay readable.').waitFor();
  assert.equal(await dialog.getByRole('checkbox').count(), 0);
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  remote.ill = { reachable: { ok: false, message: 'The server does not answer.', action: 'Look whether it runs.' } };
  remote.silent = true;
  await remote.tell('engine.state', { kind: 'engine', id: 'elsewhere' });
  await card.getByText('Does not answer', { exact: true }).waitFor();
  await card.getByRole('button', { name: 'More for Elsewhere' }).click();
  await page.getByRole('menuitem', { name: 'Disconnect' }).click();
  await dialog.getByRole('checkbox', { name: 'Forget it even though it does not answer' }).check();
  await dialog.getByRole('button', { name: 'Disconnect' }).click();
  await card.getByText('Not connected', { exact: true }).waitFor();
  assert.deepEqual(remote.asked.filter((each) => 'disconnect' in each), [{ disconnect: 'true' }]);
  await end();
});

test('a free graph is read as a list: ways that meet, what serves a step, and what nothing starts', async () => {
  const { page, end } = await enter('Wim Haas', { connected: true });
  await go(page, 'Automations');
  await page.getByRole('table').getByText('Elsewhere').waitFor();
  await page.getByRole('link', { name: 'Support queue' }).click();
  const steps = page.getByRole('region', { name: 'Steps' });
  for (const name of ['1. Mail arrives', '2. Is it urgent?', '3. Draft an answer', '4. File a ticket', '5. Both ways', '6. Every morning', '7. Post the summary', '8. Old report']) {
    await steps.getByRole('button', { name: new RegExp(`^${name.replaceAll(/[.?]/g, '\\$&')}`) }).waitFor();
  }
  await steps.getByRole('button', { name: /^Large model/ }).waitFor();
  await steps.getByRole('button', { name: 'goes on with “5. Both ways”' }).first().waitFor();
  await steps.getByText('Not connected', { exact: true }).waitFor();
  await steps.getByText('Ask Ida before changing who gets the summary.').waitFor();
  // Nothing has a place among others here, so nothing can be moved to one.
  await steps.getByRole('button', { name: 'More for step File a ticket' }).click();
  await page.getByRole('menuitem', { name: 'What comes next…' }).waitFor();
  assert.equal(await page.getByRole('menuitem', { name: 'Move up' }).count(), 0);
  await page.keyboard.press('Escape');
  await end();
});

test('steps of a free graph are searched at the server, added on their own, connected and taken apart', async () => {
  const { page, remote, end } = await enter('Xenia Roth', { connected: true }, ({ FLOW }) => `/automations/${FLOW}`);
  const steps = page.getByRole('region', { name: 'Steps' });
  await steps.getByRole('button', { name: 'Add a step on its own' }).click();
  const picker = page.getByRole('dialog', { name: 'Add a step' });
  await picker.getByText('24 more apps. Type a word to find them.').waitFor();
  await picker.getByRole('textbox', { name: 'Search steps' }).fill('thing 42');
  await picker.getByRole('button', { name: /^Do thing 42/ }).click();
  await steps.getByRole('button', { name: /Do thing 42/ }).first().waitFor();
  assert.ok(remote.asked.some(({ pieces }) => pieces === 'thing 42'));

  await steps.getByRole('button', { name: 'More for step Post the summary' }).click();
  await page.getByRole('menuitem', { name: 'What comes next…' }).click();
  const links = page.getByRole('dialog', { name: 'What comes after “Post the summary”' });
  await links.getByRole('combobox', { name: 'Go on with' }).click();
  await page.getByRole('option', { name: 'Do thing 42' }).click();
  await links.getByRole('button', { name: 'Connect' }).click();
  await links.getByRole('button', { name: 'Take away “Do thing 42”' }).waitFor();
  assert.ok(remote.draft.edges.some(({ from, port, to }) => from === 'report' && port === 'main:0' && to.startsWith('made')));
  await links.getByRole('button', { name: 'Take away “Do thing 42”' }).click();
  await links.getByText('Nothing yet.').waitFor();
  await links.getByRole('button', { name: 'Close' }).click();

  await steps.getByRole('button', { name: 'More for step Every morning' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await steps.getByRole('button', { name: /Every morning/ }).first().waitFor({ state: 'detached' });
  await end();
});

test('a step without a form is edited as it is stored, and counted', async () => {
  const { page, remote, end } = await enter('Yara Lenz', { connected: true }, ({ FLOW }) => `/automations/${FLOW}?step=old`);
  await page.getByText('There is no form for this step.').waitFor();
  await page.getByText('1 step has no form here').waitFor();
  const settings = page.getByRole('textbox', { name: 'Settings', exact: true });
  await settings.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('{"mode": "daily", "rows": 7}');
  await saved(page);
  assert.deepEqual(remote.draft.steps.find(({ id }) => id === 'old').settings, { mode: 'daily', rows: 7 });
  await end();
});

test('a step of an older version has the form of that version, and its options are looked up so', async () => {
  const options = { connected: true, forms: { report: 'messenger@1' } };
  const { page, remote, end } = await enter('Ole Krag', options, ({ FLOW }) => `/automations/${FLOW}?step=report`);
  const panel = page.getByRole('region', { name: 'Settings of Post the summary' });
  await panel.getByRole('heading', { name: 'Post to a room' }).waitFor();
  assert.equal(await panel.getByLabel('Channel').count(), 0);
  await panel.getByLabel('Room', { exact: true }).click();
  await page.getByRole('option', { name: 'Lobby' }).click();
  assert.deepEqual(remote.asked.filter(({ options }) => options), [{ options: 'messenger@1' }]);
  await saved(page);
  assert.equal(remote.draft.steps.find(({ id }) => id === 'report').settings.room, 'R1');
  await end();
});

test('what is changed in its own editor appears in the open automation and leaves alone what is being typed', async () => {
  const { page, remote, end } = await enter('Zoe Kern', { connected: true }, ({ FLOW }) => `/automations/${FLOW}?step=report`);
  assert.ok(await poll(() => remote.asked.some(({ watch }) => watch?.flow === remote.FLOW)), 'the stream says which automation is open');
  const name = page.getByRole('textbox', { name: 'Name of the step' });
  // Held back, so that the external edit comes while something typed is not stored yet.
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route('**/edits', async (route) => {
    await held;
    await route.fallback();
  });
  await name.fill('Tell everybody');
  await remote.changeThere([{ op: 'update_step', id: 'ticket', set: { name: 'File an urgent ticket' } }]);
  await page.getByText('Changed in Elsewhere').waitFor();
  assert.equal(await name.inputValue(), 'Tell everybody');
  release();
  await page.getByRole('button', { name: /^4\. File an urgent ticket/ }).waitFor();
  await page.getByRole('button', { name: /^7\. Tell everybody/ }).waitFor();
  assert.equal(await name.inputValue(), 'Tell everybody');
  await end();
});

test('the history says who did what, shows both sides of a conflict, and takes a change back', async () => {
  const { page, remote, end } = await enter('Alma Thiel', { connected: true }, ({ FLOW }) => `/automations/${FLOW}?step=report`);
  await page.getByRole('textbox', { name: 'Name of the step' }).fill('Tell everybody');
  await saved(page);
  remote.lose([{ op: 'update_step', id: 'report', set: { name: 'Tell the team' } }]);
  await remote.tell('flow.conflict', { kind: 'flow', id: remote.FLOW });
  await page.getByText('A change made in Elsewhere touched the same thing as one made here.').waitFor();
  await page.getByRole('button', { name: 'See history' }).click();
  const drawer = page.getByRole('dialog', { name: 'History' });
  const conflict = drawer.getByRole('listitem').filter({ hasText: 'Could not be put together' });
  await conflict.getByText('A person in Elsewhere').waitFor();
  await conflict.getByText('Named a step “Tell the team”').waitFor();
  await conflict.getByText('Named a step “Tell everybody”').waitFor();

  await drawer.getByRole('button', { name: 'Take back: Named a step “Tell everybody”' }).click();
  await page.getByText('Taken back', { exact: true }).waitFor();
  await drawer.getByText('Takes back a change of yours').waitFor();
  await drawer.getByText('Taken back later').waitFor();
  await drawer.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: /^7\. Post the summary/ }).waitFor();
  await end();
});

test('the built-in engine has the same history, kept by the real server', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Bert Moll'));
  await page.getByRole('button', { name: 'New automation' }).click();
  await page.getByRole('radio', { name: /lines/i }).click();
  await page.getByRole('button', { name: 'Create automation' }).click();
  await page.getByRole('button', { name: /Send the line/ }).first().click();
  await page.getByRole('textbox', { name: 'Name of the step' }).fill('Ship the line');
  await saved(page);
  await page.getByRole('button', { name: 'History' }).click();
  const drawer = page.getByRole('dialog', { name: 'History' });
  await drawer.getByText('You', { exact: true }).waitFor();
  await drawer.getByRole('button', { name: 'Take back: Renamed “Send the line” to “Ship the line”' }).click();
  await drawer.getByText('Takes back a change of yours').waitFor();
  await drawer.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: /Send the line/ }).first().waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test('a run that ended is run again from where its engine can, and says why steps are missing', async () => {
  const { page, remote, end } = await enter('Cleo Funk', { connected: true }, ({ RUN }) => `/runs/${RUN}`);
  await page.getByText('Only the last step is known').waitFor();
  await page.getByText('started by time or event').waitFor();
  await page.getByRole('button', { name: 'Run again' }).click();
  await page.getByRole('menuitem', { name: 'From the failed step' }).click();
  await page.getByText('A new run has begun').waitFor();
  assert.deepEqual(remote.asked.filter(({ retry }) => retry), [{ retry: 'failed_step' }]);
  await end();
});

test('runs are narrowed to one engine, and then to its automations', async () => {
  const { page, remote, end } = await enter('Pia Holm', { connected: true }, () => '/runs');
  const list = page.getByRole('table', { name: 'Runs' });
  const told = list.getByRole('link', { name: 'Support queue' });
  await told.waitFor();
  const engine = page.getByRole('combobox', { name: 'Runs in' });
  await engine.click();
  await page.getByRole('option', { name: 'PMOS' }).click();
  await page.getByText('No run matches').waitFor();
  await engine.click();
  await page.getByRole('option', { name: 'Elsewhere' }).click();
  await told.waitFor();
  assert.equal(new URL(page.url()).searchParams.get('engine'), 'elsewhere');
  assert.equal(remote.asked.filter(({ runs }) => runs).at(-1).runs.engine, 'elsewhere');
  await page.getByRole('combobox', { name: 'Automation' }).click();
  assert.deepEqual(await page.getByRole('option').allTextContents(), ['Support queue']);
  await end();
});

/** In the dialog for a new connection: one called so, kept by the remote engine, for this app and of this kind. */
async function describe(page, name, app, kind) {
  await page.getByRole('button', { name: 'New connection' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New connection' });
  await dialog.getByRole('combobox', { name: 'For automations in' }).click();
  await page.getByRole('option', { name: 'Elsewhere' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByRole('combobox', { name: 'App' }).fill(app.slice(0, 4));
  await page.getByRole('option', { name: app }).click();
  await choose(page, dialog, 'How it signs in', kind);
  return dialog;
}

async function choose(page, dialog, name, option) {
  await dialog.getByRole('combobox', { name }).click();
  await page.getByRole('option', { name: option }).click();
}

test('a connection is kept by the engine whose automations use it, filled into the form of its kind', async () => {
  const { page, remote, end } = await enter('Dora Pohl', { connected: true }, () => '/integrations/connections');
  const dialog = await describe(page, 'Team bot', 'Messenger', 'messengerToken');
  await dialog.getByText('Messenger token', { exact: true }).waitFor();
  await dialog.getByText('Make a token under “Apps” in your messenger.').waitFor();
  await dialog.getByRole('button', { name: 'Store connection' }).click();
  await dialog.getByText('Fill this in').waitFor();
  await dialog.getByLabel('Access token').fill('s3cret');
  await dialog.getByText('Fill this in').waitFor({ state: 'detached' });
  assert.equal(await dialog.getByLabel('Access token').getAttribute('type'), 'password');

  // What is not shown any more does not go along.
  await choose(page, dialog, 'Posts as', 'A person');
  await dialog.getByLabel('Access token').waitFor({ state: 'detached' });
  await dialog.getByLabel('User').fill('ida');
  await dialog.getByLabel('Password').fill('hunter2');
  await dialog.getByRole('button', { name: 'Store connection' }).click();
  const table = page.getByRole('table', { name: 'Connections' });
  await table.getByText('messengerToken, in Elsewhere').waitFor();
  assert.deepEqual(remote.asked.find(({ connection }) => connection).connection, {
    engine: 'elsewhere',
    kind: 'messengerToken',
    name: 'Team bot',
    secret: { as: 'person', user: 'ida', password: 'hunter2', server: '' },
  });

  await table.getByRole('button', { name: 'More for Team bot' }).click();
  await page.getByRole('menuitem', { name: 'Replace secret' }).click();
  const replacing = page.getByRole('dialog', { name: 'Replace the secret of “Team bot”' });
  assert.equal(await replacing.getByLabel('Access token').inputValue(), '');
  await replacing.getByRole('button', { name: 'Replace secret' }).click();
  await replacing.getByText('Fill this in').waitFor();
  await replacing.getByLabel('Access token').fill('n3wer');
  await replacing.getByLabel('Server').fill('chat.example.com');
  await page.keyboard.press('Enter');
  await page.getByText('“Team bot” has a new secret').waitFor();
  assert.deepEqual(remote.asked.find(({ replace }) => replace).replace, {
    secret: { as: 'bot', accessToken: 'n3wer', server: 'chat.example.com' },
  });
  await end();
});

test('where a person has to agree at the service, it is said, and what is stored keeps its defaults', async () => {
  const { page, remote, end } = await enter('Gesa Thom', { connected: true }, () => '/integrations/connections');
  const dialog = await describe(page, 'Team account', 'Messenger', 'messengerOAuth');
  await dialog.getByText('Before it works, a person has to sign in at the service and agree, in Elsewhere itself.').waitFor();
  await dialog.getByLabel('Client ID').fill('c-1');
  await dialog.getByLabel('Client secret').fill('s3cret');
  await dialog.getByRole('button', { name: 'Store connection' }).click();
  await page.getByRole('table', { name: 'Connections' }).getByText('messengerOAuth, in Elsewhere').waitFor();
  assert.deepEqual(remote.asked.find(({ connection }) => connection).connection.secret, { clientId: 'c-1', clientSecret: 's3cret', scope: 'chat:write' });
  await end();
});

test('a kind without a form is made of parts that are named by hand', async () => {
  const { page, remote, end } = await enter('Hugo Senn', { connected: true }, () => '/integrations/connections');
  const dialog = await describe(page, 'Model key', 'Assistant', 'assistantKey');
  await dialog.getByText('Elsewhere has no form for this').waitFor();
  await dialog.getByRole('button', { name: 'Store connection' }).click();
  await dialog.getByText('Name at least one part').waitFor();
  await dialog.getByLabel('Part, name 1').fill('apiKey');
  await dialog.getByLabel('Part, value 1').fill('s3cret');
  await dialog.getByRole('button', { name: 'Store connection' }).click();
  await page.getByRole('table', { name: 'Connections' }).getByText('assistantKey, in Elsewhere').waitFor();
  assert.deepEqual(remote.asked.find(({ connection }) => connection).connection, {
    engine: 'elsewhere',
    kind: 'assistantKey',
    name: 'Model key',
    secret: { apiKey: 's3cret' },
  });
  await end();
});

test('a new automation is made where one wants it, and begins empty there', async () => {
  const { page, remote, end } = await enter('Egon Wirth', { connected: true }, () => '/automations');
  await page.getByRole('button', { name: 'New automation' }).click();
  const dialog = page.getByRole('dialog', { name: 'New automation' });
  await dialog.getByRole('radio', { name: /total/i }).waitFor();
  await dialog.getByRole('combobox', { name: 'Runs in' }).click();
  await page.getByRole('option', { name: 'Elsewhere' }).click();
  await dialog.getByRole('radio', { name: /total/i }).waitFor({ state: 'detached' });
  await dialog.getByLabel('Name', { exact: true }).fill('Fresh start');
  await dialog.getByRole('button', { name: 'Create automation' }).click();
  await page.getByText('There is nothing in it yet. Begin with what starts it.').waitFor();
  assert.deepEqual(remote.asked.find(({ create }) => create).create, { name: 'Fresh start', engine: 'elsewhere' });
  await page.getByRole('button', { name: 'Add what starts it' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /^Every day/ }).click();
  await page.getByRole('button', { name: /^1\. Every day/ }).waitFor();
  await end();
});

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1440, 390]) {
    test(`every screen with a remote engine is accessible in ${colorScheme}, ${width} wide`, async () => {
      const { context, page } = await open(browser, { colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
      await signUp(page, newPerson('Frida Gold'));
      const root = new URL(page.url()).pathname.replace(/\/$/, '');
      const remote = await putRemoteEngine(page, { connected: true, wall: 'shared_key' });
      remote.change('outside', [{ op: 'update_step', id: 'report', set: { name: 'Tell everybody' } }]);
      remote.lose([{ op: 'rename', name: 'Other' }]);
      const flow = `/automations/${remote.FLOW}`;
      const found = {};
      const look = async (where) => {
        await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
        for (const { id, impact, nodes } of violations) {
          found[`${id} (${impact})`] ??= `${where}: ${nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary?.split('\n')[1] ?? ''}`).join(' | ')}`;
        }
      };
      for (const path of ['/integrations/services', '/integrations/connections', '/automations', '/automations?create=true', flow, `${flow}?step=old`, '/runs', `/runs/${remote.RUN}`]) {
        await page.goto(BASE + root + path);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await page.getByText('Elsewhere').first().waitFor({ state: 'attached' });
        await look(path);
      }
      await page.goto(`${BASE}${root}/integrations/connections`);
      const dialog = await describe(page, 'Team account', 'Messenger', 'messengerOAuth');
      await dialog.getByLabel('Client ID').waitFor();
      await look('a credential for which a person agrees');
      await choose(page, dialog, 'How it signs in', 'messengerToken');
      await dialog.getByRole('button', { name: 'Store connection' }).click();
      await dialog.getByText('Fill this in').waitFor();
      await look('a form of a credential');
      await page.goto(BASE + root + flow);
      await page.getByRole('button', { name: 'History' }).click();
      await page.getByText('Could not be put together').waitFor();
      await look('history');
      remote.connected = false;
      await page.goto(`${BASE}${root}/integrations/services`);
      await page.getByRole('listitem', { name: 'Elsewhere' }).getByRole('button', { name: 'Connect' }).click();
      await page.getByRole('radio', { name: 'Use our own server' }).click();
      await look('connect');
      assert.deepEqual(found, {});
      await context.close();
    });
  }
}

async function poll(holds) {
  const end = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return true;
}
