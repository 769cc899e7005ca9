import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { go, launch, newPerson, open, signUp } from './support.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent);

test('the keys of the application search a list and tell themselves, and a new page begins at its heading', async () => {
  const { context, page, faults } = await open(browser);
  await signUp(page, newPerson('Kim Ode'));
  await go(page, 'Runs');
  await page.waitForFunction(() => document.activeElement?.matches('h1'));
  assert.equal(await focused(page), 'Runs');
  await page.keyboard.press('/');
  assert.equal(await focused(page), 'Search in runs');
  // In a field the sign is text.
  await page.keyboard.press('?');
  assert.equal(await page.getByRole('searchbox', { name: 'Search in runs' }).inputValue(), '?');
  await go(page, 'Dashboard');
  await page.waitForFunction(() => document.activeElement?.matches('h1'));
  await page.keyboard.press('?');
  const keys = page.getByRole('dialog', { name: 'Keys' });
  await keys.getByText('Search in the list of the page').waitFor();
  await page.keyboard.press('Escape');
  await keys.waitFor({ state: 'detached' });
  // Without a list there, everything is searched.
  await page.keyboard.press('/');
  await page.getByRole('textbox', { name: 'Search or do anything' }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
