import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createServer } from 'vite';
import { support } from './remote-engine.js';

// The order in which free graphs are read, and the words of the history, loaded as the build would.
let vite;
const load = (path) => vite.ssrLoadModule(path);
before(async () => {
  vite = await createServer({ server: { middlewareMode: true, hmr: false, ws: false }, appType: 'custom', logLevel: 'error' });
});
after(() => vite?.close());

const step = (id, kind = 'action', x = 0, y = 0) => ({ id, kind, name: id, piece: 'any', operation: id, settings: {}, position: { x, y } });
const edge = (text) => {
  const [from, port, to] = text.split(' ');
  return { from, port, to };
};

function shown(rows) {
  return rows.map((row) => {
    const indent = '  '.repeat(row.depth ?? 0);
    if (row.type === 'step') return `${indent}${row.as ? `(${row.as}) ` : ''}${row.number === null ? '' : `${row.number} `}${row.step.id}`;
    if (row.type === 'lane') return `${indent}[${row.label}]`;
    if (row.type === 'jump') return `${indent}${row.back ? '<' : '>'} ${row.to}`;
    if (row.type === 'group') return `== ${row.title}`;
    return `${indent}+${row.slot.port === null ? '' : ` ${row.slot.port}`}`;
  });
}

test('ways that part meet again below, and what serves a step stands under it without a number', async () => {
  const { freeOutline } = await load('/src/features/flows/free-outline.ts');
  assert.deepEqual(shown(freeOutline(support(), () => undefined)), [
    '1 mail',
    '+ main:0',
    '2 urgent',
    '  [Branch 1]',
    '  + main:0',
    '  3 agent',
    '    (Language model) model',
    '    (Tool) lookup',
    '  + main:0',
    '  > join',
    '  [Branch 2]',
    '  + main:1',
    '  4 ticket',
    '  + main:0',
    '  > join',
    '5 join',
    '+ main:0',
    '> report',
    '6 morning',
    '+ main:0',
    '> report',
    '7 report',
    '+',
    '== Not connected',
    '8 old',
    '+',
  ]);
});

test('a way back is told as one, and what stands in a circle that nothing starts is there, too', async () => {
  const { freeOutline } = await load('/src/features/flows/free-outline.ts');
  const graph = {
    steps: [step('start', 'trigger'), step('each'), step('send'), step('end'), step('round', 'action', 0, 9), step('about', 'action', 1, 9)],
    edges: ['start main:0 each', 'each main:0 end', 'each main:1 send', 'send main:0 each', 'round main:0 about', 'about main:0 round'].map(edge),
  };
  const rows = shown(freeOutline(graph, () => undefined));
  assert.deepEqual(rows.slice(0, 11), [
    '1 start',
    '+ main:0',
    '2 each',
    '  [Branch 1]',
    '  + main:0',
    '  3 end',
    '  +',
    '  [Branch 2]',
    '  + main:1',
    '  4 send',
    '  + main:0',
  ]);
  assert.deepEqual(rows.slice(11), ['  < each', '== Not connected', '5 round', '+ main:0', '6 about', '+ main:0', '< round']);
});

test('every step of any graph stands exactly once, and every edge that carries work has its place', async () => {
  const { freeOutline } = await load('/src/features/flows/free-outline.ts');
  // A small generator with a fixed beginning, so that a failure can be seen again.
  let seed = 7;
  const random = (below) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  for (let round = 0; round < 400; round += 1) {
    const count = 1 + random(9);
    const steps = Array.from({ length: count }, (_, n) => step(`s${n}`, random(4) === 0 ? 'trigger' : 'action', random(5), random(5)));
    const edges = [];
    for (let n = random(count * 2); n > 0; n -= 1) {
      const made = { from: `s${random(count)}`, port: ['main:0', 'main:1', 'ai_tool:0'][random(3)], to: `s${random(count)}` };
      if (!edges.some(({ from, port, to }) => from === made.from && port === made.port && to === made.to)) edges.push(made);
    }
    const rows = freeOutline({ steps, edges }, () => undefined);
    const stands = rows.filter(({ type }) => type === 'step').map((row) => row.step.id);
    assert.deepEqual([...stands].sort(), steps.map(({ id }) => id).sort(), JSON.stringify({ steps, edges }));
    for (const { from, port } of edges.filter((each) => each.port.startsWith('main'))) {
      assert.ok(rows.some((row) => row.type === 'slot' && row.slot.after === from && row.slot.port === port), `${from} ${port} of ${JSON.stringify({ steps, edges })}`);
    }
  }
});

test('edits are told in words, with the names of steps that are gone', async () => {
  const { told, wordsOf } = await load('/src/parts/edit-words.ts');
  const entries = [{ edits: [{ op: 'remove_step', id: 'b' }] }, { edits: [{ op: 'add_step', step: { id: 'b', name: 'Wait', operation: 'delay' } }] }];
  const flow = { draft: { steps: [{ id: 'a', name: 'Send' }] } };
  const fields = [{ name: 'to', title: 'Recipient' }];
  const words = wordsOf(flow, { operationOf: () => ({ fields }) }, entries);
  const edits = [
    { op: 'rename', name: 'Orders' },
    { op: 'add_step', step: { id: 'b', name: 'Wait', operation: 'delay' } },
    { op: 'update_step', id: 'a', set: { settings: { to: 'x', text: 'y' }, skip: true } },
    { op: 'update_step', id: 'a', set: { name: 'Send it' } },
    { op: 'set_position', id: 'a', x: 1, y: 2 },
    { op: 'set_position', id: 'b', x: 1, y: 2 },
    { op: 'connect', from: 'a', port: 'main:0', to: 'b' },
    { op: 'remove_step', id: 'b' },
    { op: 'remove_step', id: 'c' },
  ];
  assert.deepEqual(told(edits, words), [
    'Named the automation “Orders”',
    'Added “Wait”',
    '“Send”: Recipient is now “x”',
    '“Send”: text is now “y”',
    '“Send”: left out or not is now true',
    'Named a step “Send it”',
    'Connected “Send” to “Wait”',
    'Removed “Wait”',
    'Removed “a step that is gone”',
    'Moved steps on the canvas',
  ]);
  const inverses = [{ op: 'update_step', id: 'a', set: { name: 'Mail', settings: { to: 'w', text: null } } }];
  assert.deepEqual(told([{ op: 'update_step', id: 'a', set: { name: 'Send', settings: { to: 'x', text: 'y' } } }], words, inverses), [
    'Renamed “Mail” to “Send”',
    '“Send”: Recipient is now “x”, was “w”',
    '“Send”: text is now “y”',
  ]);
});

test('what one person typed into one step within a minute is one change, from its first value to its last', async () => {
  const { together, toldTogether, wordsOf } = await load('/src/parts/edit-words.ts');
  const change = (id, at, to, was, more = {}) => ({
    id,
    at: `2026-01-01T10:0${at}Z`,
    author: 'usr_1',
    note: null,
    conflict: false,
    edits: [{ op: 'update_step', id: 'a', set: { settings: { to } } }],
    inverses: [{ op: 'update_step', id: 'a', set: { settings: { to: was } } }],
    ...more,
  });
  const typed = [change('e5', '2:00', 'xyz!', 'xyz'), change('e4', '0:50', 'xyz', 'xy'), change('e3', '0:20', 'xy', 'x'), change('e2', '0:10', 'x', 'w')];
  const groupsOf = (entries, apart = () => false) => together(entries, apart).map((group) => group.map(({ id }) => id));
  assert.deepEqual(groupsOf(typed), [['e5'], ['e4', 'e3', 'e2']]);
  assert.deepEqual(groupsOf(typed, ({ id }) => id === 'e3'), [['e5'], ['e4'], ['e3'], ['e2']]);
  assert.deepEqual(groupsOf([typed[1], { ...typed[2], author: 'usr_2' }, { ...typed[3], note: 'takes back edit_1' }]), [['e4'], ['e3'], ['e2']]);
  const words = wordsOf({ draft: { steps: [{ id: 'a', name: 'Send' }] } }, { operationOf: () => undefined }, []);
  assert.deepEqual(toldTogether(typed.slice(1), words), ['“Send”: to is now “xyz”, was “w”']);
});
