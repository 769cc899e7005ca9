// A server of models that speaks as OpenAI's chat completions do and says what a script tells it: for journeys that
// must not depend on what a real model happens to say.

import { once } from 'node:events';
import http from 'node:http';

export const MODEL = 'scripted-1';

/**
 * A script is a list of rounds by what a person said; what is said last decides. A round is `{ text?, calls? }`, or a
 * function of what the tools returned so far, as one text, and of what was said. The text may be a list of pieces; a promise among them is waited for.
 * `host` is to be allowed to the server at its start, `url` is where the model is connected.
 */
export async function scriptedModel(scripts) {
  const asked = [];
  const server = http.createServer(async (request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ object: 'list', data: [{ id: MODEL, object: 'model' }, { id: 'scripted-2', object: 'model' }] }));
      return;
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const prompt = JSON.parse(Buffer.concat(chunks).toString());
    asked.push(prompt);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    await answer(response, prompt, roundOf(prompt, scripts));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${server.address().port}`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { asked, host, url: `http://${host}/v1`, close };
}

function roundOf({ messages, tools = [] }, scripts) {
  if (tools.length === 1 && tools[0].function.name === 'report_ready') return { calls: [['report_ready', { ready: true }]] };
  const from = messages.findLastIndex(({ role }) => role === 'user');
  const said = textOf(messages[from]);
  const since = messages.slice(from + 1);
  const [, rounds] = scripts.find(([pattern]) => pattern.test(said)) ?? [null, [{ text: 'I have no script for this.' }]];
  const round = rounds[since.filter(({ role }) => role === 'assistant').length] ?? { text: 'That is all.' };
  const returned = since.filter(({ role }) => role === 'tool').map(textOf).join('\n');
  return typeof round === 'function' ? round(returned, said) : round;
}

const textOf = ({ content }) => (typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join(''));

async function answer(response, { model }, { text = [], calls = [] }) {
  const send = (choice) => response.write(`data: ${JSON.stringify({ id: 'answer', object: 'chat.completion.chunk', created: 0, model, ...choice })}\n\n`);
  const delta = (piece, finish_reason = null) => send({ choices: [{ index: 0, delta: piece, finish_reason }] });
  for (const piece of typeof text === 'string' ? [text] : text) {
    const content = await piece;
    if (typeof content === 'string') delta({ content });
  }
  calls.forEach(([name, given], index) => {
    delta({ tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name, arguments: JSON.stringify(given) } }] });
  });
  delta({}, calls.length > 0 ? 'tool_calls' : 'stop');
  send({ choices: [], usage: { prompt_tokens: 120, completion_tokens: 30, total_tokens: 150 } });
  response.end('data: [DONE]\n\n');
}
