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
  const { neighbours, outline, subtree } = await load('/src/features/flows/outline.ts');
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

test('data is put in as an expression, and bare where an expression stands around it', async () => {
  const { referInJson, referTo } = await load('/src/fields/insert.ts');
  assert.equal(referTo('trigger.body.qty', ''), '{{ trigger.body.qty }}');
  assert.equal(referTo('trigger.body.qty', '{{ a }} and '), '{{ trigger.body.qty }}');
  assert.equal(referTo('trigger.body.qty', '{{ a }} and {{ trigger.body.total > '), 'trigger.body.qty');
  assert.equal(referInJson('steps.a', ''), '{{ steps.a }}');
  assert.equal(referInJson('steps.a', '{"x": '), '"{{ steps.a }}"');
  assert.equal(referInJson('steps.a', '{"x": "'), '{{ steps.a }}');
  assert.equal(referInJson('steps["a-b"]', '{"x": "'), '{{ steps[\\"a-b\\"] }}');
  assert.equal(referInJson('steps["a-b"]', '{"x": "{{ 1 + '), 'steps[\\"a-b\\"]');
  assert.equal(referInJson('steps["a-b"]', '{{ 1 + '), 'steps["a-b"]');
});

test('what is wrong inside a field belongs to it, unless its parts show it themselves', async () => {
  const { fieldPath, issueAt } = await load('/src/fields/issues.ts');
  const issues = { 'body.sent': 'is not an expression', [fieldPath('branches[1].when')]: 'is needed here' };
  assert.equal(issueAt(issues, 'body', true), 'sent: is not an expression');
  assert.equal(issueAt(issues, 'body', false), undefined);
  assert.equal(issueAt(issues, 'branches.1.when', true), 'Is needed here');
  assert.equal(issueAt(issues, 'bod', true), undefined);
});

test('a refused publish names its steps and fields, however it says them', async () => {
  const { issuesOf } = await load('/src/features/flows/refused.ts');
  const { Problem } = await load('/src/api/problem.ts');
  const issues = [{ step: 'send', field: 'url', code: 'required', message: 'is needed' }];
  assert.deepEqual(issuesOf(new Problem(422, { code: 'not_ready', issues })), issues);
  const errors = [
    { field: 'send.connection', message: 'is gone' },
    { field: 'steps.In.settings.path', message: 'is taken' },
    { field: 'draft', message: 'is empty' },
  ];
  const said = issuesOf(new Problem(422, { code: 'x', errors })).map(({ step, field }) => [step, field]);
  assert.deepEqual(said, [['send', 'connection'], ['In', 'path'], [undefined, undefined]]);
  assert.deepEqual(issuesOf(new Problem(500, { code: 'internal' })), []);
});

test('samples are what came, else what was pasted, else an example that says so', async () => {
  const { dataFor } = await load('/src/features/flows/samples.ts');
  const step = (id, operation, settings = {}) => ({ id, kind: id === 'trigger' ? 'trigger' : 'action', name: id, piece: 'core', operation, settings });
  const flow = (sample) => ({
    draft: { steps: [step('trigger', 'webhook', sample ? { sample } : {}), step('loop', 'loop', { items: '{{ trigger.body.lines }}' })], edges: [] },
  });
  const scope = [
    { path: 'trigger', step: 'trigger', kind: 'output' },
    { path: 'item', step: 'loop', kind: 'item' },
  ];
  const operationOf = ({ operation }) => (operation === 'webhook' ? { sample: { method: 'POST', body: { qty: 4 } } } : undefined);
  const seen = (sample, last = new Map()) => dataFor(flow(sample), scope, last, operationOf).map((each) => [each.path, each.sample, each.example]);
  assert.deepEqual(seen(undefined), [
    ['item', undefined, true],
    ['trigger', { method: 'POST', body: { qty: 4 } }, true],
  ]);
  assert.deepEqual(seen({ lines: [{ sku: 'A1' }] }), [
    ['item', { sku: 'A1' }, false],
    ['trigger', { method: 'POST', body: { lines: [{ sku: 'A1' }] } }, false],
  ]);
  const ran = new Map([['trigger', { id: 'trigger', output: { method: 'PUT', body: { lines: [], by: 'Ada' } } }]]);
  assert.deepEqual(seen({ lines: [1], note: 'x' }, ran)[1], ['trigger', { method: 'PUT', body: { lines: [], note: 'x', by: 'Ada' } }, false]);
});

test('a conflict shows both values of what two changes set', async () => {
  const { bothOf } = await load('/src/features/flows/conflict.ts');
  const words = { flow: 'Name', step: (id) => id, field: (_, name) => name };
  const set = (id, set) => ({ op: 'update_step', id, set });
  const { rows, rest } = bothOf(
    [set('send', { name: 'Theirs', settings: { body: { a: 1, b: 2 } } }), set('other', { skip: true }), { op: 'rename', name: 'X' }],
    [set('send', { name: 'Mine', settings: { body: { a: 3 }, url: 'u' } }), { op: 'rename', name: 'Y' }],
    words,
  );
  assert.deepEqual(rows.map(({ place, theirs, mine }) => [place, theirs, mine]), [
    ['send › name', 'Theirs', 'Mine'],
    ['send › body › a', 1, 3],
    ['Name', 'X', 'Y'],
  ]);
  assert.deepEqual(rest.map(({ id }) => id), ['other']);
});
