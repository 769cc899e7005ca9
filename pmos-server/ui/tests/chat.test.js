import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MODEL, scriptedModel } from './scripted-model.js';
import { freshServer, go, launch, newPerson, open, PASSWORD, signUp } from './support.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const FLOW = /flow_[0-9a-f]{32}/;
const plan = (...status) => ['update_plan', { steps: ['Make the automation', 'Put it live'].map((title, at) => ({ title, status: status[at] })) }];

/** Makes an automation from a template and puts it live. */
const BUILD = [
  { text: 'I will build it from what is there.', calls: [plan('running', 'pending'), ['flows_create', { name: 'Order intake', template: 'computed_answer' }]] },
  (returned) => ({ calls: [plan('done', 'running'), ['flows_publish', { flow: FLOW.exec(returned)[0] }]] }),
  (returned) => ({ text: /denied/i.test(returned) ? 'You denied it, so it **stays a draft**.' : 'It is **live** now. Send an order to its address.' }),
];

/** A server that may reach a model, that model, and a person on their dashboard. */
async function enter(t, name, scripts) {
  const model = await scriptedModel(scripts);
  const server = await freshServer({ PMOS_ALLOW_HOSTS: model.host });
  if (!server) {
    model.close();
    t.skip('PMOS_TEST_PROGRAM does not say where the program is');
    return null;
  }
  t.after(async () => {
    model.close();
    await server.stop();
  });
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson(name), server.url);
  const end = async () => {
    assert.deepEqual(faults, []);
    await context.close();
  };
  return { model, server, page, end };
}

async function connect(page, model) {
  await go(page, 'Integrations');
  await page.getByRole('link', { name: 'Models', exact: true }).click();
  await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Connect a model' }).click();
  const dialog = page.getByRole('dialog', { name: 'Connect a model' });
  await dialog.getByRole('combobox', { name: 'Provider' }).click();
  await page.getByRole('option', { name: 'Any server that speaks as OpenAI' }).click();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('scripted');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.getByText('Paste the address of your server').waitFor();
  await dialog.getByRole('textbox', { name: 'Address' }).fill(model.url);
  await dialog.getByLabel('Key', { exact: true }).fill('k-1');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  // What was found is offered, and the choice is looked at, too.
  await dialog.getByText('2 models were found.').waitFor();
  await dialog.getByRole('combobox', { name: 'Usual model' }).click();
  await page.getByRole('option', { name: MODEL }).click();
  await dialog.getByRole('button', { name: 'Use this model' }).click();
  const card = page.getByRole('listitem', { name: 'scripted' });
  await card.getByText('Ready', { exact: true }).waitFor();
  await card.getByText('Model calls tools').waitFor();
  return card;
}

async function say(page, text) {
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.keyboard.press('Enter');
}

const log = (page) => page.getByRole('log', { name: 'Conversation' });

test('a person connects a model, says what they want, sees every step, approves the last one, and it is live', async (t) => {
  const here = await enter(t, 'Nora Lind', [[/order/i, BUILD]]);
  if (!here) return;
  const { page, model, end } = here;
  const card = await connect(page, model);
  await card.getByText('Default', { exact: true }).waitFor();

  await go(page, 'Chat');
  const example = page.getByRole('button', { name: /When an order comes in/ });
  await example.click();
  await page.getByRole('textbox', { name: 'Message' }).press('Enter');
  const said = log(page);
  await said.getByRole('list', { name: 'Plan' }).getByText('Put it live').waitFor();
  const request = said.getByRole('group', { name: /Order intake$/ });
  await request.getByText('Waits', { exact: true }).waitFor();
  // Exactly what is asked for, and what it would change.
  await request.getByText('With exactly these arguments').waitFor();
  await request.getByText(/^Added “/).first().waitFor();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Approvals 1 waiting' }).waitFor();

  // The dashboard leads there, too.
  await go(page, 'Dashboard');
  await page.getByText('1 act waits for your approval').waitFor();
  await page.getByRole('link', { name: 'Review' }).waitFor();
  await page.goBack();

  // Reloaded while it waits, it stands as it stood.
  await page.reload();
  await said.getByText('I will build it from what is there.').waitFor();
  await request.getByRole('button', { name: 'Approve', exact: true }).click();
  await said.getByText('Send an order to its address.').waitFor();
  assert.equal(await said.locator('strong', { hasText: 'live' }).count(), 1);
  const done = said.getByRole('group', { name: 'What was really done' });
  assert.equal(await done.getByRole('listitem').filter({ hasText: 'Done' }).count(), 2);

  // The steps are folded until they are asked for.
  const steps = said.getByRole('button', { name: '2 steps, all done' });
  assert.equal(await steps.getAttribute('aria-expanded'), 'false');
  await steps.click();
  await said.getByRole('button', { name: /^Done Makes the draft/ }).click();
  await said.getByText('You approved it').waitFor();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Approvals', exact: true }).waitFor();

  await go(page, 'Automations');
  await page.getByRole('table').getByRole('link', { name: 'Order intake' }).click();
  await page.getByText('Version 1 is live').waitFor();
  await end();
});

test('an answer goes on through a reload, and stops when it is told to', async (t) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const never = new Promise(() => undefined);
  const { page, model, end } = (await enter(t, 'Otto Berg', [
    [/slowly/, [{ text: ['One, ', 'two, ', held, 'three.'] }]],
    [/for ever/, [{ text: ['I begin ', never] }]],
    [/then/, [{ text: 'And then this.' }]],
  ])) ?? {};
  if (!page) return;
  await connect(page, model);
  await go(page, 'Chat');
  await say(page, 'Count slowly');
  const said = log(page);
  await said.getByText('One, two,').waitFor();
  await page.waitForURL(/chat\/ses_/);
  await page.reload();
  await said.getByText('One, two,').waitFor();
  release();
  await said.getByText('One, two, three.', { exact: true }).waitFor();

  await say(page, 'Go on for ever');
  await said.getByText('I begin').waitFor();
  await page.getByText('The assistant is at work. What you send now is answered after that.').waitFor();
  await say(page, 'And then?');
  await said.getByText('Waits for the answer before it').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await said.getByText('You stopped this. What was done until then stays.').first().waitFor();
  await said.getByText('I begin').waitFor();
  await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });

  // What was typed and not sent is kept for each conversation.
  await page.getByRole('textbox', { name: 'Message' }).fill('Not sent yet');
  await page.getByRole('button', { name: 'New conversation' }).click();
  assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), '');
  const list = page.getByRole('complementary', { name: 'Conversations' });
  await list.getByRole('link', { name: /Count slowly/ }).click();
  await said.getByText('One, two, three.', { exact: true }).waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), 'Not sent yet');

  await list.getByRole('button', { name: 'More for Count slowly' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('dialog', { name: 'Rename conversation' }).getByLabel('Name').fill('Counting');
  await page.keyboard.press('Enter');
  await list.getByRole('link', { name: /Counting/ }).waitFor();
  await list.getByRole('searchbox', { name: 'Search conversations' }).fill('nothing like it');
  await list.getByText('No conversation has this in its name.').waitFor();
  await list.getByRole('searchbox', { name: 'Search conversations' }).fill('count');
  await list.getByRole('button', { name: 'More for Counting' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog', { name: 'Delete “Counting”?' }).getByRole('button', { name: 'Delete conversation' }).click();
  await page.getByText('The conversation is deleted').waitFor();
  await page.getByText('What should be done?').waitFor();
  await end();
});

test('a request is denied in the inbox, with other arguments approved, and allowed for an hour; the rules say who is asked', async (t) => {
  const { page, model, end } = (await enter(t, 'Paula Roth', [[/order/i, BUILD]])) ?? {};
  if (!page) return;
  await connect(page, model);
  const ask = async () => {
    await go(page, 'Chat');
    await say(page, 'Build the order intake');
    await log(page).getByRole('button', { name: 'Approve', exact: true }).waitFor();
    const { href } = new URL(page.url());
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Approvals 1 waiting' }).click();
    return href;
  };
  const inbox = page.getByRole('region', { name: 'Waiting' });

  const denied = await ask();
  await inbox.getByRole('button', { name: 'Deny' }).click();
  await page.getByText('Nothing waits for you').waitFor();
  await page.goto(denied);
  await log(page).getByText('so it stays a draft.').waitFor();
  // Something was not done, so the steps are open and say which.
  await log(page).getByRole('button', { name: /^Denied Makes the draft/ }).waitFor();

  const edited = await ask();
  await inbox.getByRole('button', { name: 'Edit arguments' }).click();
  const editor = inbox.getByRole('textbox', { name: /^Arguments of/ });
  const text = (await editor.innerText()).replace(/\u200b/g, '');
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('{ "flow": ');
  await inbox.getByText('This is no JSON object.').first().waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(JSON.stringify({ flow: FLOW.exec(text)[0], note: 'Looked at by Paula' }));
  await inbox.getByRole('button', { name: 'Approve with these arguments' }).click();
  await page.getByText('Nothing waits for you').waitFor();
  await page.goto(edited);
  await log(page).getByText('Send an order to its address.').waitFor();

  await ask();
  await inbox.getByRole('button', { name: 'Allow for 1 hour' }).click();
  await page.getByText('Nothing waits for you').waitFor();
  await page.getByRole('link', { name: 'History', exact: true }).click();
  const history = page.getByRole('table', { name: 'History' });
  await history.getByRole('row').filter({ hasText: 'Order intake' }).nth(2).waitFor();
  await history.getByRole('row').nth(2).getByRole('button').click();
  await page.getByRole('dialog', { name: 'Request' }).getByText('It was approved with other arguments than were asked for.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Allowed for a time' }).click();
  await page.getByRole('button', { name: /^Take back: / }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
  await page.getByText('Nothing is allowed in advance').waitFor();

  await go(page, 'Admin');
  await page.getByRole('navigation', { name: 'Admin' }).getByRole('link', { name: 'Approvals' }).click();
  const cannotBeUndone = page.getByRole('radiogroup', { name: 'What cannot be undone' });
  await cannotBeUndone.getByText('Refuse').click();
  await page.getByRole('button', { name: 'Add an exception' }).click();
  await page.getByRole('combobox', { name: 'Act' }).or(page.getByRole('textbox', { name: 'Act' })).first().fill('runs.start');
  await page.keyboard.press('Escape');
  await page.getByRole('switch', { name: 'Another person has to approve' }).check();
  await page.getByRole('button', { name: 'Save rules' }).click();
  const confirm = page.getByRole('dialog', { name: 'Confirm with your password' });
  const saved = page.getByText('The rules are saved');
  await confirm.or(saved).first().waitFor();
  if (await confirm.isVisible()) {
    await confirm.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await confirm.getByRole('button', { name: 'Continue' }).click();
  }
  await saved.waitFor();
  await page.reload();
  await page.getByRole('combobox', { name: 'Rule for runs.start' }).waitFor();
  assert.equal(await cannotBeUndone.getByRole('radio', { name: 'Refuse' }).isChecked(), true);

  // With four eyes no one decides what is asked for on their own behalf, and is told so.
  await ask();
  assert.equal(await inbox.getByRole('button', { name: 'Approve', exact: true }).getAttribute('aria-disabled'), 'true');
  await inbox.getByText('This workspace wants another person than the one who asks to decide.').first().waitFor();
  await end();
});

test('beside an open automation the assistant changes it, and the change appears at once', async (t) => {
  const { page, model, end } = (await enter(t, 'Quirin Haas', [
    [/call it/i, [(_, said) => ({ calls: [['flows_rename', { flow: FLOW.exec(said)[0], name: 'Sums of orders' }]] }), { text: 'It has its new name.' }]],
  ])) ?? {};
  if (!page) return;
  await connect(page, model);
  await go(page, 'Automations');
  await page.getByRole('button', { name: 'New automation' }).first().click();
  await page.getByRole('radio', { name: /total/i }).click();
  await page.getByRole('button', { name: 'Create automation' }).click();
  await page.getByRole('textbox', { name: 'Name of the step' }).waitFor();
  await page.getByRole('button', { name: 'Ask the assistant' }).click();
  const panel = page.getByRole('dialog', { name: 'Assistant' });
  await panel.getByRole('textbox', { name: 'Message' }).fill('Call it Sums of orders');
  await page.keyboard.press('Enter');
  await panel.getByText('It has its new name.').waitFor();
  await page.getByRole('heading', { name: 'Sums of orders', level: 1 }).waitFor();
  // The automation beside it stays in use, and the conversation is found again.
  await page.getByRole('textbox', { name: 'Name of the step' }).fill('An order comes in');
  await panel.getByRole('button', { name: 'Close the assistant' }).click();
  await page.getByRole('button', { name: 'Ask the assistant' }).click();
  await panel.getByText('It has its new name.').waitFor();
  await end();
});

test('without a model commands work, and the page says how to get one', async (t) => {
  const { page, end } = (await enter(t, 'Rosa Falk', [])) ?? {};
  if (!page) return;
  await go(page, 'Chat');
  await page.getByText('No model is connected yet').waitFor();
  await page.getByRole('link', { name: 'Connect a model' }).waitFor();
  await say(page, '/new Order intake');
  const said = log(page);
  await said.getByText('I made “Order intake”').waitFor();
  await said.getByRole('button', { name: '1 step, all done' }).click();
  await say(page, '/flows');
  await said.getByText('Order intake (draft)').waitFor();
  await say(page, 'Hello');
  await said.getByText('No AI model is connected to this workspace yet').waitFor();
  await end();
});

test('a viewer is told why they cannot chat or decide', async (t) => {
  const { page, server, end } = (await enter(t, 'Sven Moll', [])) ?? {};
  if (!page) return;
  await go(page, 'Admin');
  await page.getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog');
  const vera = newPerson('Vera Lund');
  await dialog.getByLabel('E-mail').fill(vera.email);
  await dialog.getByRole('radio', { name: 'Viewer' }).check();
  await dialog.getByRole('button', { name: 'Create invitation' }).click();
  const link = await dialog.getByRole('textbox', { name: 'Invitation link' }).textContent();
  const { context, page: theirs, faults } = await open(browser);
  await theirs.goto(link);
  await theirs.getByLabel('Your name').fill(vera.name);
  await theirs.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await theirs.getByRole('button', { name: 'Create account and join' }).click();
  await theirs.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor();
  const root = new URL(theirs.url()).pathname.replace(/\/$/, '');
  for (const path of ['/chat', '/approvals', '/approvals/history']) {
    await theirs.goto(server.url + root + path);
    await theirs.getByText('This needs the role member. Ask an admin of the workspace.').waitFor();
  }
  await theirs.goto(`${server.url}${root}/integrations/models`);
  const connecting = theirs.getByRole('button', { name: 'Connect a model' });
  await connecting.waitFor();
  assert.equal(await connecting.getAttribute('aria-disabled'), 'true');
  assert.deepEqual(faults, []);
  await context.close();
  await end();
});
