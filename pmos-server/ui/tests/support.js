// What the journeys share. They run against a server whose address stands in PMOS_TEST_URL:
//
//   pmos-server --data "$(mktemp -d)" --listen 127.0.0.1:8420
//   PMOS_TEST_URL=http://127.0.0.1:8420 PMOS_TEST_PROGRAM=target/debug/pmos-server npm test
//
// The server may be used before, but not with limited sign-ups. Chromium is looked for at /usr/bin/chromium,
// or where PMOS_TEST_CHROMIUM says.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach } from 'node:test';
import { chromium } from 'playwright-core';

export const BASE = process.env.PMOS_TEST_URL?.replace(/\/$/, '');
export const PASSWORD = 'correct horse battery staple';

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let browser;
export async function launch() {
  assert.ok(BASE, 'set PMOS_TEST_URL to the address of a running server');
  browser = await chromium.launch({ executablePath: process.env.PMOS_TEST_CHROMIUM ?? '/usr/bin/chromium', args: QUIET });
  return browser;
}

// A journey that failed left its pages open; what they show explains it.
afterEach(async ({ passed }) => {
  if (passed) return;
  for (const context of browser?.contexts() ?? []) {
    for (const page of context.pages()) {
      console.error(`${page.url()} shows\n${await page.locator('body').ariaSnapshot()}\n`);
    }
    await context.close();
  }
});

let counter = 0;
/** A person of this test alone. */
export function newPerson(name) {
  counter += 1;
  const email = `${name.split(' ')[0].toLowerCase()}.${Date.now().toString(36)}${counter}@example.com`;
  return { name, email, workspace: `${name.split(' ')[0]} & Co ${counter}` };
}

/**
 * A browser of its own. `faults` collects whatever the console calls an error and whatever the policy of the page
 * refuses; being told 401 when asking who one is, is how the page learns that there is no sign-in, and no fault.
 */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const faults = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const { url } = message.location();
    if (message.text().includes('status of 401') && url.endsWith('/api/v1/me')) return;
    faults.push(`console: ${message.text()} ${url}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return { context, page, faults };
}

export async function signUp(page, { name, email, workspace }, base = BASE) {
  await page.goto(`${base}/sign-up`);
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Name of your workspace').fill(workspace);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor();
}

/**
 * A server of its own, where the first account is still to be made, with these settings; none unless PMOS_TEST_PROGRAM
 * says which program to start. It may be killed, and started again on the same data at the same address.
 */
export async function freshServer(settings = {}) {
  const program = process.env.PMOS_TEST_PROGRAM;
  if (!program) return null;
  const data = await mkdtemp(join(tmpdir(), 'pmos-journey-'));
  let child;
  let ended;
  async function start(address) {
    child = spawn(program, ['--listen', address, '--data', data, '--log', 'warn'], { env: settings, stdio: ['ignore', 'pipe', 'inherit'] });
    ended = once(child, 'exit');
    for await (const line of createInterface(child.stdout)) {
      const [, url] = line.match(/^listening on (.*)$/) ?? [];
      if (url) return url;
    }
    throw new Error('the server does not start');
  }
  async function end(signal) {
    child.kill(signal);
    await ended;
  }
  const url = await start('127.0.0.1:0');
  return {
    url,
    data,
    kill: () => end('SIGKILL'),
    again: () => start(new URL(url).host),
    async stop() {
      await end('SIGTERM');
      await rm(data, { recursive: true });
    },
  };
}

/** Goes by the navigation, as a person does. The page one comes from stays, with its links, until the new one is loaded. */
export async function go(page, name) {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { name: name === 'Admin' ? 'Members' : name, level: 1, exact: true }).waitFor();
}

/** Everything typed is stored. */
export async function saved(page) {
  await page.getByText('Saved', { exact: true }).waitFor();
}

/** Writes into an editor with line numbers. */
export async function write(page, label, text) {
  const editor = page.getByRole('textbox', { name: label, exact: true });
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

/**
 * A service for automations to call, at `host`, a port of its own: a server that may call it is told so at its start, as
 * `freshServer({ PMOS_ALLOW_HOSTS: host })`. `answer` gets each request with its parsed body and gives `[status, body]`.
 */
export async function service(answer) {
  const calls = [];
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const call = { headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString() || 'null') };
    calls.push(call);
    const [status, body] = await answer(call, calls.length);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { calls, host: `127.0.0.1:${server.address().port}`, close: () => server.close() };
}

export async function post(url, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}
