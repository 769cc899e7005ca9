import createClient from 'openapi-fetch';
import { actAsHeader } from './act-as';
import type { Answer, Body, Parked, paths } from './contract';
import { Problem } from './problem';
import { ask } from './prompts';
import { lost } from './reach';

/** Requests that are themselves about signing in; a refusal of them is an answer, not a reason to ask. */
const QUIET = [/^\/api\/v1\/auth\//, /^\/api\/v1\/me$/, /^\/api\/v1\/me\/step-up$/, /^\/api\/v1\/invitations\//];

/** Sends a request; on a lapsed session or a missing password asks the person, then repeats it unchanged. */
async function guarded(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  for (let attempt = 0; ; attempt += 1) {
    const response = await fetch(request.clone()).catch(() => {
      void lost();
      throw Problem.offline();
    });
    if (attempt > 1 || QUIET.some((pattern) => pattern.test(path) && (request.method === 'GET' || path !== '/api/v1/me'))) {
      return response;
    }
    if (response.status === 401 && (await ask('sign_in'))) continue;
    if (response.status === 403 && (await wantsStepUp(response)) && (await ask('step_up'))) continue;
    return response;
  }
}

async function wantsStepUp(response: Response): Promise<boolean> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return (body as { code?: string } | null)?.code === 'step_up_required';
}

const client = createClient<paths>({ baseUrl: '', fetch: guarded });

client.use({
  onRequest({ request }) {
    request.headers.set('x-pmos', '1');
    if (request.method === 'POST') request.headers.set('idempotency-key', crypto.randomUUID());
    const acting = actAsHeader(new URL(request.url).pathname);
    if (acting) request.headers.set(...acting);
    return request;
  },
});

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** The routes that answer a method. */
export type RouteOf<M extends Method> = {
  [P in keyof paths]: paths[P][M] extends { responses: unknown } ? P : never;
}[keyof paths];

interface Init<Op> {
  path?: Op extends { parameters: { path: infer T } } ? T : undefined;
  query?: Op extends { parameters: { query?: infer T } } ? T : undefined;
  body?: Body<Op>;
}

/** One call of a route. Throws a `Problem` for everything but success; to wait for an approval is none. */
export async function call<M extends Method, P extends RouteOf<M>>(
  method: M,
  route: P,
  { path, query, body }: Init<paths[P][M]> = {},
): Promise<Answer<paths[P][M]>> {
  // Which route takes what is checked above; the client itself only has to build the request.
  const request = client.request as unknown as (method: Method, route: string, init: object) => Promise<Raw>;
  const { data, error, response } = await request(method, route, {
    params: { path, query },
    ...(body === undefined ? {} : { body }),
  });
  if (!response.ok) throw Problem.of(response, error);
  if (isParked(response, data)) throw Problem.parked(data.approval);
  return data as Answer<paths[P][M]>;
}

function isParked(response: Response, data: unknown): data is Parked {
  return response.status === 202 && typeof (data as Partial<Parked> | undefined)?.approval === 'string';
}

interface Raw {
  data?: unknown;
  error?: unknown;
  response: Response;
}
