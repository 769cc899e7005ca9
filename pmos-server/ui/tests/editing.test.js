import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { go, launch, newPerson, open, saved, signUp } from './support.js';

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
  await page.waitForURL(/automations\/flow_/);
  await page.getByRole('textbox', { name: 'Name of the step' }).waitFor();
  const [, workspace, flow] = /\/w\/([^/]+)\/automations\/([^/?]+)/.exec(page.url());
  return `/api/v1/workspaces/${workspace}/flows/${flow}`;
}

/** A change that comes from somewhere else than this page. */
function editInItsEditor(page, path, edits) {
  return page.evaluate(
    async ([path, edits]) => {
      const { revision } = await (await fetch(path)).json();
      const response = await fetch(`${path}/edits`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-pmos': '1' },
        body: JSON.stringify({ base: revision, edits }),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    [path, edits],
  );
}

test('when two change the same thing, nothing is overwritten before a person decides', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Nora Quist'));
  const path = await withTemplate(page);
  await page.getByRole('button', { name: /Send the line/ }).first().click();

  // The other change arrives between what this page saw and what it sends.
  let first = true;
  await page.route('**/edits', async (route) => {
    if (first && route.request().headers()['idempotency-key']) {
      first = false;
      await editInItsEditor(page, path, [{ op: 'update_step', id: 'send', set: { name: 'Theirs' } }]);
    }
    await route.continue();
  });
  await page.getByRole('textbox', { name: 'Name of the step' }).fill('Mine');
  await page.getByRole('alert').getByText('You changed it in another tab').waitFor();
  // Both values stand there, and nothing says that it is being saved.
  await page.getByRole('row').filter({ hasText: '“Theirs”' }).filter({ hasText: '“Mine”' }).waitFor();
  await page.getByText('Not saved: waits for your decision').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Publish', exact: true }).getAttribute('aria-disabled'), 'true');
  await page.getByRole('link', { name: 'Dashboard' }).click();
  await page.getByRole('dialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Put this over the other' }).click();
  await saved(page);
  await page.reload();
  await page.getByRole('button', { name: /Mine/ }).first().waitFor();

  assert.deepEqual(faults.filter((fault) => !/status of 409/.test(fault)), []);
  await context.close();
});

test('a change elsewhere appears in an open page by itself', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Olaf Berg'));
  const path = await withTemplate(page);
  await editInItsEditor(page, path, [{ op: 'update_step', id: 'send', set: { name: 'Renamed elsewhere' } }]);
  await page.getByRole('button', { name: /Renamed elsewhere/ }).first().waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test('steps are moved, duplicated and removed, and what is missing is said at the step and the field', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Pia Holm'));
  await withTemplate(page);
  const steps = page.getByRole('region', { name: 'Steps' });
  const more = (name) => steps.getByRole('button', { name: `More for step ${name}`, exact: true });

  await more('Where to send the lines').click();
  await page.getByRole('menuitem', { name: 'Move down' }).click();
  await steps.getByRole('button', { name: /^2\. For every line/ }).waitFor();

  await more('Send the line').click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await steps.getByRole('button', { name: /^5\. .*HTTP request/ }).waitFor();

  await more('For every line').click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await steps.getByRole('button', { name: /^2\. Where to send the lines/ }).waitFor();
  await steps.getByRole('button', { name: /^3\. Answer/ }).waitFor();

  await page.getByRole('button', { name: 'Add a step after “Where to send the lines”' }).click();
  await page.getByRole('dialog', { name: 'Add a step' }).getByRole('button', { name: /^HTTP request/ }).click();
  await steps.getByRole('button', { name: /^3\. HTTP request/ }).waitFor();
  // Each thing that is missing leads to its field.
  await page.getByRole('button', { name: /^2\. Where to send/ }).click();
  await page.getByRole('region', { name: 'Publishing' }).getByRole('button', { name: '2 things are missing' }).click();
  await page.getByRole('dialog', { name: '2 things are missing' }).getByRole('button', { name: /Address/ }).click();
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');
  assert.equal(await page.getByRole('textbox', { name: 'Address' }).getAttribute('aria-invalid'), 'true');
  assert.equal(await page.getByRole('button', { name: 'Publish', exact: true }).getAttribute('aria-disabled'), 'true');
  assert.deepEqual(faults, []);
  await context.close();
});

test('the list of steps is one stop of the Tab key, walked by arrows, and leads to the form and back', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Rita Solh'));
  await withTemplate(page);
  const steps = page.getByRole('region', { name: 'Steps' });
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-step') ?? document.activeElement?.getAttribute('aria-label'));
  await steps.getByRole('button', { name: /^1\. Order received/ }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'lines');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'More for step For every line');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('End');
  assert.equal(await focused(), 'answer');
  await page.keyboard.press('Enter');
  const name = page.getByRole('textbox', { name: 'Name of the step' });
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-field') === '@name');
  assert.equal(await name.inputValue(), 'Answer');
  await steps.getByRole('button', { name: /^6\. Answer/ }).focus();
  await page.keyboard.press('Shift+Delete');
  await steps.getByRole('button', { name: /^6\. Answer/ }).waitFor({ state: 'detached' });

  // A new step is where the cursor goes.
  await page.getByRole('button', { name: 'Add a step after “For every line”' }).click();
  await page.getByRole('dialog', { name: 'Add a step' }).getByRole('button', { name: /^Respond/ }).click();
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-field') === '@name' && document.activeElement.value === 'Respond');
  assert.deepEqual(faults, []);
  await context.close();
});
