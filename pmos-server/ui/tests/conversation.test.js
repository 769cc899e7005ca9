import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createServer } from 'vite';

// How a conversation is put together from its events, without a screen.
let vite;
const load = (path) => vite.ssrLoadModule(path);
before(async () => {
  vite = await createServer({ server: { middlewareMode: true, hmr: false, ws: false }, appType: 'custom', logLevel: 'error' });
});
after(() => vite?.close());

const call = (status, more = {}) => ({ tool_call: 'call_1', tool: 'flows_publish', title: 'Publishes', arguments: {}, effect: 'write', status, ...more });
const said = (role, text, id = role) => ({ id, role, text });

/** A conversation with an answer in two rounds, as the server keeps it. */
const STORY = [
  ['message.completed', said('user', 'Publish it')],
  ['turn.started', { model: 'own/one' }],
  ['round.started', { index: 1 }],
  ['text.delta', { message: 'm1', delta: 'I be' }],
  ['round.started', { index: 1 }],
  ['text.delta', { message: 'm2', delta: 'Now ' }],
  ['text.delta', { message: 'm2', delta: 'I do.' }],
  ['round.completed', { index: 1, usage: {}, text: 'Now I do.', calls: [] }],
  ['message.completed', said('assistant', 'Now I do.', 'm2')],
  ['tool.proposed', call('proposed')],
  ['tool.started', call('running')],
  ['tool.completed', call('waiting_approval', { approval: 'apr_1' })],
  ['turn.status', { phase: 'waiting_approval' }],
  ['tool.completed', call('succeeded')],
  ['round.started', { index: 2 }],
  ['text.delta', { message: 'm3', delta: 'Done' }],
  ['message.completed', said('assistant', 'Done.', 'm3')],
  ['turn.completed', { usage: { input: 9, output: 1, cached: 0, reasoning: 0 }, cost_micros: null, summary: [{ tool_call: 'call_1', title: 'Publishes', status: 'succeeded' }] }],
].map(([type, data], at) => ({ seq: at + 1, turn: 'turn_1', at: '2026-01-01T00:00:00Z', type, data }));

test('the events of a turn come to its messages, calls and end, and a model that is asked once more begins anew', async () => {
  const { after: next } = await load('/src/api/transcript.ts');
  const states = [];
  STORY.reduce((turns, event) => {
    const now = next(turns, event);
    states.push(now[0]);
    return now;
  }, []);
  assert.equal(states[3].partial.text, 'I be');
  assert.equal(states[6].partial.text, 'Now I do.');
  assert.equal(states[8].partial.text, '');
  assert.equal(states[12].status, 'waiting_approval');
  assert.equal(states[13].status, 'running');
  const end = states.at(-1);
  assert.deepEqual(end.messages.map(({ text }) => text), ['Publish it', 'Now I do.', 'Done.']);
  assert.deepEqual(end.tool_calls.map(({ status }) => status), ['succeeded']);
  assert.equal(end.status, 'completed');
  assert.equal(end.summary.length, 1);
  assert.equal(end.usage.input, 9);
});

// Outside of a page an address has no server that it would be at.
const { Request } = globalThis;
globalThis.Request = class extends Request {
  constructor(input, init) {
    super(typeof input === 'string' ? new URL(input, 'http://pmos.test') : input, init);
  }
};

/** A server that has the first `seq` events of the story. */
let server;
beforeEach(() => {
  server = { seq: STORY.length, asked: [] };
  globalThis.fetch = async (request) => {
    const url = new URL(request.url);
    const json = (body) => new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
    if (!url.pathname.endsWith('/events')) return json({ seq: server.seq, turns: server.turns });
    const from = Number(url.searchParams.get('after'));
    server.asked.push(from);
    return json({ items: STORY.filter(({ seq }) => seq > from && seq <= server.seq), next: server.seq });
  };
});

async function conversationAt(seq) {
  const { after: next } = await load('/src/api/transcript.ts');
  const { Conversation } = await load('/src/api/conversation.ts');
  server.seq = seq;
  server.turns = STORY.slice(0, seq).reduce(next, []).map(({ partial, ...turn }) => turn);
  return new Conversation('ws_1', 'ses_1');
}

test('a conversation that is opened in the middle of an answer shows what was written so far, and goes on exactly', async () => {
  const conversation = await conversationAt(6);
  await conversation.catchUp();
  assert.equal(conversation.snapshot().turns[0].partial.text, 'Now ');
  for (const event of STORY.slice(6, 9)) conversation.receive(event);
  assert.deepEqual(conversation.snapshot().turns[0].messages.map(({ text }) => text), ['Publish it', 'Now I do.']);
  // Twice the same is once, and what was missed is read.
  conversation.receive(STORY[8]);
  server.seq = STORY.length;
  conversation.receive(STORY[15]);
  await conversation.catchUp();
  const [turn] = conversation.snapshot().turns;
  assert.equal(turn.status, 'completed');
  assert.equal(turn.messages.length, 3);
});

test('what cannot be reached is said, and another try goes on', async () => {
  const conversation = await conversationAt(STORY.length);
  const { fetch } = globalThis;
  globalThis.fetch = async () => new Response('{"detail":"no"}', { status: 500, headers: { 'content-type': 'application/problem+json' } });
  await conversation.catchUp();
  assert.equal(conversation.snapshot().ready, false);
  assert.equal(conversation.snapshot().error.status, 500);
  globalThis.fetch = fetch;
  await conversation.catchUp();
  assert.equal(conversation.snapshot().error, null);
  assert.equal(conversation.snapshot().turns.length, 1);
});

test('of what an assistant writes only the little that is known becomes more than text', async () => {
  const { blocks, inline } = await load('/src/parts/conversation/markdown.ts');
  const text = '# Title\n\nTwo\nlines **bold** and `code`.\n\n- one\n- two\n\n1. first\n\n```\n<b>x</b>\n```\n<img src=x onerror=alert(1)>';
  assert.deepEqual(blocks(text).map(({ kind }) => kind), ['heading', 'paragraph', 'list', 'list', 'code', 'paragraph']);
  assert.deepEqual(inline('<script>alert(1)</script>'), [{ kind: 'text', text: '<script>alert(1)</script>' }]);
  assert.deepEqual(inline('[go](javascript:alert(1))'), [{ kind: 'text', text: '[go](javascript:alert(1))' }]);
  assert.deepEqual(inline('[go](https://example.com/a)'), [{ kind: 'link', text: 'go', href: 'https://example.com/a' }]);
  assert.deepEqual(inline('at https://example.com/a.'), [
    { kind: 'text', text: 'at ' },
    { kind: 'link', text: 'https://example.com/a', href: 'https://example.com/a' },
    { kind: 'text', text: '.' },
  ]);
  // An answer that is still being written may end inside of anything.
  for (let end = 0; end < text.length; end += 1) blocks(text.slice(0, end));
});
