import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { createServer } from 'vite';

// The parts without a screen, loaded as the build would.
let vite;
const load = (path) => vite.ssrLoadModule(path);
before(async () => {
  vite = await createServer({ server: { middlewareMode: true, hmr: false, ws: false }, appType: 'custom', logLevel: 'error' });
});
after(() => vite?.close());

const STEPS = [
  { name: 'A', settings: { values: { a: 1, b: [1, 2] } } },
  { name: 'A', settings: { values: { b: [2], c: { d: true } } }, connection: 'con_1' },
  { name: 'B', settings: {} },
  { name: 'B', settings: { values: 'text' }, retry: { times: 2 } },
  { name: 'B', settings: { values: { c: { d: false, e: '' } } } },
];

test('the patch between any two steps leads from one to the other, and patches can be put together', async () => {
  const { compose, difference, merge } = await load('/src/features/flows/patch.ts');
  for (const from of STEPS) {
    for (const to of STEPS) {
      assert.deepEqual(merge(from, difference(from, to)), to);
      for (const last of STEPS) {
        const both = compose(difference(from, to), difference(to, last));
        if (both) assert.deepEqual(merge(from, both), last);
      }
    }
  }
});

test('an object that comes in place of something taken away is not put together with it', async () => {
  const { compose } = await load('/src/features/flows/patch.ts');
  assert.equal(compose({ body: null }, { body: { a: 1 } }), null);
  assert.equal(compose({ body: 'text' }, { body: { a: 1 } }), null);
  assert.deepEqual(compose({ body: { a: 1 } }, { body: { b: null } }), { body: { a: 1, b: null } });
  assert.deepEqual(compose({ body: { a: 1 } }, { body: 'text' }), { body: 'text' });
});

test('a null cannot travel in a patch, and that is noticed', async () => {
  const { difference } = await load('/src/features/flows/patch.ts');
  assert.equal(difference({ body: 1 }, { body: null }), null);
  assert.equal(difference({ body: 1 }, { body: { deep: null } }), null);
  assert.deepEqual(difference({ body: 1 }, { body: [null] }), { body: [null] });
});

test('the outline numbers steps in the order of work and offers every place', async () => {
  const { earlier, neighbours, outline, subtree } = await load('/src/features/flows/outline.ts');
  const step = (id, operation, settings = {}) => ({ id, kind: id === 'trigger' ? 'trigger' : 'action', name: id, piece: 'core', operation, settings });
  const graph = {
    steps: [step('trigger', 'webhook'), step('loop', 'loop'), step('fork', 'branch', { branches: [{ name: 'Yes' }] }), step('send', 'http'), step('end', 'stop')],
    edges: [
      { from: 'trigger', port: 'next', to: 'loop' },
      { from: 'loop', port: 'loop', to: 'fork' },
      { from: 'fork', port: 'branch:0', to: 'send' },
      { from: 'loop', port: 'next', to: 'end' },
    ],
  };
  const operations = {
    webhook: { outputs: ['next'] },
    loop: { outputs: ['loop', 'next'] },
    branch: { outputs: ['otherwise', 'next'], ports_from: 'branches' },
    http: { outputs: ['next'] },
    stop: { outputs: [] },
  };
  const rows = outline(graph, ({ operation }) => operations[operation]);
  const shown = rows.map((row) => {
    if (row.type === 'step') return `${'  '.repeat(row.depth)}${row.number} ${row.step.id}`;
    return `${'  '.repeat(row.depth)}${row.type === 'lane' ? row.label : `+ ${row.slot.after} ${row.slot.port}`}`;
  });
  assert.deepEqual(shown, [
    '1 trigger',
    '+ trigger next',
    '2 loop',
    '  Repeats for every item',
    '  + loop loop',
    '  3 fork',
    '    Yes',
    '    + fork branch:0',
    '    4 send',
    '    + send next',
    '    Otherwise',
    '    + fork otherwise',
    '  + fork next',
    '+ loop next',
    '5 end',
  ]);
  assert.deepEqual([...subtree(graph, 'loop')].sort(), ['fork', 'loop', 'send']);
  assert.deepEqual(neighbours(rows, graph, 'end').up, { after: 'trigger', port: 'next' });
  assert.equal(neighbours(rows, graph, 'send').up, null);
  const { steps, loops } = earlier(graph, 'send');
  assert.deepEqual([steps.map(({ id }) => id), loops.map(({ id }) => id)], [['trigger', 'fork'], ['loop']]);
});

test('a field is shown exactly when the table shared with the server says so', async () => {
  const { filled, holds } = await load('/src/fields/visible.ts');
  const table = new URL('../../../pmos-core/src/flow/visible_cases.json', import.meta.url);
  const cases = JSON.parse(await readFile(table, 'utf8'));
  assert.ok(cases.length >= 80);
  for (const { name, fields = [], settings, root, rule, holds: expected } of cases) {
    const around = root && filled([], root);
    assert.equal(holds(rule, filled(fields, settings, around)), expected, name);
  }
});

test('a step that becomes another one is not described by what it was', async () => {
  const { fold } = await load('/src/features/flows/editor.ts');
  const { formOf } = await load('/src/features/flows/forms.ts');
  const step = (id, piece) => ({ id, kind: 'action', name: id, piece, operation: 'execute', settings: {} });
  const flow = { name: 'F', forms: { a: 'set@2', b: 'set@1' }, draft: { steps: [step('a', 'set'), step('b', 'set'), step('c', 'set')], edges: [] } };
  const shown = ({ forms, draft }) => draft.steps.map((each) => formOf(forms, each));
  assert.deepEqual(shown(flow), ['set@2', 'set@1', 'set']);
  const replaced = (piece) => fold(flow, [{ op: 'replace_step', id: 'a', step: { piece, operation: 'execute' } }]);
  assert.deepEqual(shown(replaced('http')), ['http', 'set@1', 'set']);
  assert.deepEqual(shown(replaced('set')), shown(flow), 'the same with other settings is as old as it was');
  assert.deepEqual(shown(fold({ ...flow, forms: undefined }, [{ op: 'rename', name: 'G' }])), ['set', 'set', 'set']);
});
