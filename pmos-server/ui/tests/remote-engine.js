// A remote engine, as the API shows it: a double of those routes for journeys that no real server of that kind is there
// for. What it does not know goes to the real server.

import assert from 'node:assert/strict';

export const NAME = 'elsewhere';
export const TITLE = 'Elsewhere';

const FACTS = ['configured', 'reachable', 'key_valid', 'workspace_ready', 'version_supported'];
const CAN = {
  free_layout: true,
  multiple_triggers: true,
  drafts: true,
  versions: true,
  rollback: true,
  test_step: false,
  live_steps: true,
  cancel_running: true,
  retry_from_failed: true,
  start_with_input: true,
  error_ports: true,
  connections: true,
  dynamic_options: true,
  hard_isolation: false,
};

const id = (kind, n) => `${kind}_${String(n).padStart(32, '0')}`;
const step = (id, name, piece, operation, x, y, rest = {}) => ({ id, kind: 'action', name, piece, operation, settings: {}, position: { x, y }, ...rest });
const edge = (from, port, to, rest = {}) => ({ from, port, to, ...rest });

/** Two triggers, ways that part and meet, an agent with what serves it, an unknown step and one that nothing starts. */
export const support = () => ({
  steps: [
    step('mail', 'Mail arrives', 'mailbox', 'received', 0, 0, { kind: 'trigger', settings: { folder: 'INBOX' } }),
    step('morning', 'Every morning', 'clock', 'daily', 0, 200, { kind: 'trigger' }),
    step('urgent', 'Is it urgent?', 'flow', 'if', 220, 0),
    step('agent', 'Draft an answer', 'assistant', 'agent', 440, 0, { settings: { prompt: 'Answer kindly.' } }),
    step('model', 'Large model', 'assistant', 'model', 440, 120),
    step('lookup', 'Look up the customer', 'assistant', 'tool', 560, 120),
    step('ticket', 'File a ticket', 'tracker', 'ticket:create', 440, 240),
    step('join', 'Both ways', 'flow', 'merge', 660, 60),
    step('report', 'Post the summary', 'messenger', 'message:post', 880, 60, { settings: { channel: '#support', text: 'Done' }, connection: null }),
    step('old', 'Old report', 'retired-app', 'execute', 1100, 400, { settings: { mode: 'weekly', rows: 25 } }),
  ],
  edges: [
    edge('mail', 'main:0', 'urgent'),
    edge('urgent', 'main:0', 'agent'),
    edge('urgent', 'main:1', 'ticket'),
    edge('model', 'ai_languageModel:0', 'agent'),
    edge('lookup', 'ai_tool:0', 'agent'),
    edge('agent', 'main:0', 'join'),
    edge('ticket', 'main:0', 'join', { input: 'main:1' }),
    edge('join', 'main:0', 'report'),
    edge('morning', 'main:0', 'report'),
  ],
  notes: [{ id: 'note_1', text: 'Ask Ida before changing who gets the summary.', position: { x: 0, y: 400 } }],
});

const text = (name, title, rest = {}) => ({ name, title, kind: { type: 'text' }, required: false, expressions: true, ...rest });
const operation = (name, title, rest = {}) => ({ name, kind: 'action', title, help: `${title}.`, fields: [], outputs: ['main:0'], connection: false, effect: 'write', ...rest });

const PIECES = [
  { name: 'mailbox', title: 'Mailbox', auth: ['mailboxOAuth'], operations: [operation('received', 'Mail received', { kind: 'trigger', fields: [text('folder', 'Folder')] })] },
  { name: 'clock', title: 'Clock', auth: [], operations: [operation('daily', 'Every day', { kind: 'trigger' })] },
  { name: 'flow', title: 'Flow', auth: [], operations: [operation('if', 'If', { outputs: ['main:0', 'main:1'] }), operation('merge', 'Merge')] },
  {
    name: 'assistant',
    title: 'Assistant',
    auth: ['assistantKey'],
    operations: [
      operation('agent', 'Agent', { fields: [{ ...text('prompt', 'Prompt'), kind: { type: 'long_text' } }] }),
      operation('model', 'Language model', { outputs: ['ai_languageModel:0'] }),
      operation('tool', 'Tool', { outputs: ['ai_tool:0'] }),
    ],
  },
  { name: 'tracker', title: 'Tracker', auth: [], operations: [operation('ticket:create', 'Create a ticket')] },
  {
    name: 'messenger',
    title: 'Messenger',
    auth: ['messengerToken', 'messengerOAuth'],
    operations: [
      operation('message:post', 'Post a message', { connection: true, fields: [text('channel', 'Channel', { required: true }), text('text', 'Text')] }),
      ...Array.from({ length: 9 }, (_, n) => operation(`channel:${n}`, `Channel act ${n + 1}`)),
    ],
  },
  // As it was once: steps of that time still look like this.
  {
    name: 'messenger@1',
    title: 'Messenger',
    auth: ['messengerToken'],
    operations: [
      operation('message:post', 'Post to a room', {
        connection: true,
        fields: [{ ...text('room', 'Room'), kind: { type: 'dynamic', depends_on: [], search: false, multiple: false } }],
      }),
    ],
  },
  ...Array.from({ length: 60 }, (_, n) => ({ name: `app-${n}`, title: `App ${n + 1}`, auth: [], operations: [operation('execute', `Do thing ${n + 1}`)] })),
].map((piece) => ({ logo: null, categories: [], ...piece }));

const part = (name, title, rest = {}) => text(name, title, { expressions: false, required: true, ...rest });
const secret = { kind: { type: 'secret' } };
const whenBot = { field: 'as', operator: 'equals', values: ['bot'] };
const whenPerson = { field: 'as', operator: 'equals', values: ['person'] };

/** What its kinds of credentials consist of; it does not tell of the others. */
const FORMS = [
  {
    name: 'messengerToken',
    title: 'Messenger token',
    consent: false,
    fields: [
      part('where', 'Make a token under “Apps” in your messenger.', { kind: { type: 'hint' }, required: false, help: 'It needs the right to post.' }),
      part('as', 'Posts as', { kind: { type: 'select', options: [{ value: 'bot', label: 'A bot' }, { value: 'person', label: 'A person' }] }, default: 'bot' }),
      part('accessToken', 'Access token', { ...secret, visible_when: whenBot }),
      part('user', 'User', { visible_when: whenPerson }),
      part('password', 'Password', { ...secret, visible_when: whenPerson }),
      part('server', 'Server', { required: false, help: 'Only for a server of your own.' }),
    ],
  },
  {
    name: 'messengerOAuth',
    title: 'Messenger OAuth',
    consent: true,
    fields: [part('clientId', 'Client ID'), part('clientSecret', 'Client secret', secret), part('scope', 'Scope', { default: 'chat:write' })],
  },
];

/**
 * Puts the engine into a page. `connected` says whether the workspace has a place there from the beginning. What is
 * returned is its state, which the page changes and a test may change, and `tell`, which sends an event.
 */
export async function putRemoteEngine(page, { connected = false, provisions = true, wall = 'user', forms } = {}) {
  const FLOW = id('flow', 1);
  const RUN = id('run', 1);
  const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
  const remote = {
    FLOW,
    RUN,
    connected,
    provisions,
    wall,
    version: '2.14.0',
    ill: {},
    revision: 1,
    name: 'Support queue',
    draft: support(),
    forms,
    before: new Map(),
    history: [],
    connections: [],
    asked: [],
    refuseEdits: null,
    silent: false,
    /** Why it does not tell what its pieces are. */
    closed: null,
  };
  const fact = (name) => ({ name, ok: true, message: 'It is so.', at: ago(3), ...remote.ill[name] });
  const view = () => {
    const facts = remote.connected
      ? FACTS.map(fact)
      : FACTS.map((name) =>
          name === 'configured'
            ? { name, ok: false, message: 'This workspace is not connected.', action: 'Have a place made for it, or paste the address and key of your own server.', at: ago(0) }
            : { name, ok: null, message: 'Known once it is connected.', at: ago(0) },
        );
    const state = !remote.connected ? 'action_needed' : remote.ill.reachable ? 'unreachable' : facts.some(({ ok }) => ok === false) ? 'action_needed' : 'ready';
    return {
      engine: NAME,
      title: TITLE,
      state,
      wall: remote.connected ? remote.wall : null,
      address: remote.connected && remote.wall === 'own_key' ? 'https://flows.example.com' : null,
      facts,
      version: remote.connected ? remote.version : null,
      connected: remote.connected,
      provisions: remote.provisions,
      login: [
        { name: 'api_key', title: 'Key', help: 'Made in its settings.', kind: { type: 'secret' }, required: true, expressions: false },
        { name: 'email', title: 'E-mail of an account', kind: { type: 'text' }, required: false, expressions: false },
        { name: 'password', title: 'Its password', kind: { type: 'secret' }, required: false, expressions: false },
      ],
      capabilities: CAN,
    };
  };
  const flow = (more = {}) => ({
    id: FLOW,
    engine: NAME,
    name: remote.name,
    enabled: true,
    revision: String(remote.revision),
    draft: remote.draft,
    forms: remote.forms,
    published: { version: 1, at: ago(90) },
    pending: remote.history.length > 0,
    issues: [],
    hook_url: null,
    created_at: ago(600),
    updated_at: ago(5),
    ...more,
  });
  const summary = () => ({
    id: FLOW,
    engine: NAME,
    name: remote.name,
    enabled: true,
    revision: String(remote.revision),
    published: { version: 1, at: ago(90) },
    pending: remote.history.length > 0,
    issues_count: 0,
    trigger: 'received',
    last_run: { id: RUN, status: 'failed', at: ago(12) },
    updated_at: ago(5),
  });
  const run = () => ({
    id: RUN,
    flow: FLOW,
    engine: NAME,
    version: 1,
    status: 'failed',
    trigger: 'schedule',
    started_by: null,
    started_at: ago(12),
    finished_at: ago(11),
    duration_ms: 2300,
    error: 'The messenger did not take the message.',
    result: null,
  });

  const write = (author, edits, rest = {}) => {
    remote.history.unshift({
      id: id('edit', remote.history.length + 1),
      base: String(remote.revision - 1),
      revision: String(remote.revision),
      author,
      note: null,
      edits,
      inverses: [],
      conflict: false,
      at: new Date().toISOString(),
      ...rest,
    });
    return remote.history[0];
  };
  /** Applies edits as the engine would; `author` is written into the history. */
  remote.change = (author, edits, rest) => {
    const before = structuredClone(remote.draft);
    for (const edit of edits) apply(remote, edit);
    remote.revision += 1;
    const entry = write(author, edits, rest);
    remote.before.set(entry.id, before);
    return entry;
  };
  /** What was written there, and our write covered. */
  remote.lose = (edits) => write('outside', edits, { conflict: true });

  const waiting = [];
  let sequence = 0;
  let listener = null;
  const answerEvents = async () => {
    if (!listener || waiting.length === 0) return;
    const route = listener;
    listener = null;
    const body = waiting.splice(0).join('');
    await route.fulfill({ status: 200, contentType: 'text/event-stream', body }).catch(() => undefined);
  };
  remote.tell = (type, object, { data, actor = { kind: 'system', id: 'outside' } } = {}) => {
    sequence += 1;
    const event = { type, at: new Date().toISOString(), actor, object, data };
    waiting.push(`id: ${sequence}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n`);
    return answerEvents();
  };
  /** A change at the engine itself, and the event that says so. */
  remote.changeThere = (edits) => {
    remote.change('outside', edits);
    return remote.tell('flow.changed', { kind: 'flow', id: FLOW });
  };

  const problem = (status, code, detail) => ({ status, body: { type: `/docs/errors/${code}`, title: 'Refused', status, code, detail, request_id: 'req_0' }, contentType: 'application/problem+json' });
  const me = async () => (await (await page.request.get(`${new URL(page.url()).origin}/api/v1/me`)).json()).user.id;

  /** The answer to a call, or nothing when it is not about this engine. */
  const answer = async (method, path, query, body, route) => {
    if (path === '/events') {
      remote.asked.push({ watch: Object.fromEntries(query) });
      listener = route;
      void answerEvents();
      return 'held';
    }
    if (path === '/engines') {
      const real = await (await route.fetch()).json();
      return { body: { ...real, items: [...real.items, view()] } };
    }
    if (path === `/engines/${NAME}` && method === 'PUT') {
      remote.asked.push({ connect: body });
      if (body.api_key === 'wrong') return problem(422, 'invalid_input', 'The key was refused.');
      remote.connected = true;
      remote.wall = body.provision ? 'user' : 'own_key';
      return { body: view() };
    }
    if (path === `/engines/${NAME}` && method === 'DELETE') {
      remote.asked.push({ disconnect: query.get('force') });
      if (remote.silent && query.get('force') !== 'true') return problem(503, 'unavailable', `${TITLE} does not answer. Try again shortly.`);
      remote.connected = false;
      return { status: 204 };
    }
    if (path === `/engines/${NAME}/check` || path === `/engines/${NAME}/rotate`) {
      remote.asked.push({ [path.split('/').at(-1)]: true });
      return { body: view() };
    }
    if (path === `/engines/${NAME}/pieces`) {
      const wanted = (query.get('q') ?? '').toLowerCase();
      remote.asked.push({ pieces: wanted });
      const items = PIECES.filter(({ name }) => !name.includes('@')).map((piece) => ({
        ...piece,
        operations: piece.operations.filter(
          ({ kind, title }) => (!query.get('kind') || kind === query.get('kind')) && `${piece.title} ${title}`.toLowerCase().includes(wanted),
        ),
      })).filter(({ operations }) => operations.length > 0);
      return { body: { items, next: null } };
    }
    if (path.startsWith(`/engines/${NAME}/pieces/`)) {
      remote.asked.push({ piece: path.split('/').at(-1) });
      if (remote.closed) return problem(409, 'engine_account_needed', remote.closed);
      const piece = PIECES.find(({ name }) => path.endsWith(`/${encodeURIComponent(name)}`));
      return piece ? { body: piece } : problem(404, 'not_found', 'There is nothing here.');
    }
    if (path === `/engines/${NAME}/options`) {
      remote.asked.push({ options: body.piece });
      return { body: { items: [{ value: 'R1', label: 'Lobby' }], next: null } };
    }
    if (path.startsWith(`/engines/${NAME}/credentials/`)) {
      const form = FORMS.find(({ name }) => path.endsWith(`/${name}`));
      return form ? { body: form } : problem(404, 'not_found', 'There is nothing here.');
    }
    if (path === '/flows' && method === 'GET') {
      const engine = query.get('engine');
      const real = await (await route.fetch()).json();
      const items = remote.connected && (!engine || engine === NAME) ? [summary()] : [];
      return { body: { ...real, items: [...items, ...real.items.filter((flow) => !engine || flow.engine === engine)] } };
    }
    if (path === '/flows' && method === 'POST' && body.engine === NAME) {
      remote.asked.push({ create: body });
      remote.name = body.name;
      remote.draft = { steps: [], edges: [], notes: [] };
      return { status: 201, body: flow({ published: null }) };
    }
    if (path === `/flows/${FLOW}`) return { body: flow() };
    if (path === `/flows/${FLOW}/edits`) {
      if (remote.refuseEdits) return remote.refuseEdits;
      const merged = body.base !== String(remote.revision);
      remote.change(await me(), body.edits);
      return { body: flow({ merged }) };
    }
    if (path === `/flows/${FLOW}/versions`) return { body: { items: [{ version: 1, at: ago(90), author: 'outside', note: null }], next: null } };
    if (path === `/flows/${FLOW}/history`) return { body: { items: remote.history, next: null } };
    if (path === `/flows/${FLOW}/undo`) {
      const before = remote.before.get(body.edit);
      assert.ok(before, 'only what stands in the history can be taken back');
      remote.draft = before;
      remote.revision += 1;
      write(await me(), [], { note: `takes back ${body.edit}` });
      return { body: flow() };
    }
    if (path === '/runs' && method === 'GET') {
      remote.asked.push({ runs: Object.fromEntries(query) });
      const real = await (await route.fetch()).json();
      const is = (name, own) => !query.get(name) || query.get(name) === own;
      const own = remote.connected && is('flow', FLOW) && is('engine', NAME) ? [run()] : [];
      return { body: { ...real, items: [...own, ...real.items] } };
    }
    if (path === `/runs/${RUN}`) {
      const failed = { id: 'report', name: 'Post the summary', status: 'failed', started_at: ago(11), duration_ms: 310, error: 'The messenger did not take the message.', input: { channel: '#support' } };
      return { body: { ...run(), steps: [failed], note: 'Only the last step is known: the run was not kept whole where it ran.' } };
    }
    if (path === `/runs/${RUN}/retry`) {
      remote.asked.push({ retry: body.from });
      return { status: 201, body: run() };
    }
    if (path === '/connections' && method === 'GET') {
      const real = await (await route.fetch()).json();
      return { body: { ...real, items: [...remote.connections, ...real.items] } };
    }
    if (path === '/connections' && method === 'POST' && body.engine === NAME) {
      remote.asked.push({ connection: body });
      const made = { id: id('con', remote.connections.length + 1), name: body.name, kind: body.kind, hosts: [], engine: NAME, secret_name: null, last_four: null, created_at: ago(0), updated_at: ago(0), used_by: [] };
      remote.connections.push(made);
      return { status: 201, body: made };
    }
    const kept = remote.connections.find((each) => path === `/connections/${each.id}/secret`);
    if (kept && method === 'PUT') {
      remote.asked.push({ replace: body });
      return { body: kept };
    }
    return null;
  };

  await page.route('**/api/v1/workspaces/**', async (route) => {
    const request = route.request();
    const url = new URL(request.url());
    const [, path] = /^\/api\/v1\/workspaces\/[^/]+(.*)$/.exec(url.pathname);
    try {
      const found = await answer(request.method(), path, url.searchParams, request.postDataJSON(), route);
      if (found === 'held') return;
      if (!found) await route.continue();
      else await route.fulfill({ status: found.status ?? 200, contentType: found.contentType ?? 'application/json', body: found.body === undefined ? '' : JSON.stringify(found.body) });
    } catch (error) {
      // The page may go away while it waits for an answer.
      if (!/closed|disposed|already handled/i.test(error.message)) throw error;
    }
  });
  return remote;
}

function apply(remote, edit) {
  const { draft } = remote;
  const at = draft.steps.findIndex((each) => each.id === edit.id);
  if (edit.op === 'rename') remote.name = edit.name;
  else if (edit.op === 'update_step') {
    const { settings, ...set } = edit.set;
    draft.steps[at] = { ...draft.steps[at], ...set, settings: { ...draft.steps[at].settings, ...settings } };
  } else if (edit.op === 'replace_step') draft.steps[at] = { ...draft.steps[at], ...edit.step };
  else if (edit.op === 'remove_step') {
    draft.steps.splice(at, 1);
    draft.edges = draft.edges.filter(({ from, to }) => from !== edit.id && to !== edit.id);
  } else if (edit.op === 'add_step') {
    const made = { id: edit.step.id ?? `made${draft.steps.length}`, position: { x: 1300, y: draft.steps.length * 40 }, ...edit.step };
    draft.steps.push(made);
    if (edit.after) {
      const port = edit.port ?? 'main:0';
      const onwards = draft.edges.filter((each) => each.from === edit.after && each.port === port);
      for (const each of onwards) each.from = made.id;
      draft.edges.push({ from: edit.after, port, to: made.id });
    }
  } else if (edit.op === 'connect') draft.edges.push({ from: edit.from, port: edit.port, to: edit.to });
  else if (edit.op === 'disconnect') {
    draft.edges = draft.edges.filter((each) => !(each.from === edit.from && each.port === edit.port && each.to === edit.to));
  } else if (edit.op === 'set_position') draft.steps[at] = { ...draft.steps[at], position: { x: edit.x, y: edit.y } };
  else throw new Error(`the double does not know ${edit.op}`);
}
