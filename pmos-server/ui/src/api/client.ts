import createClient from 'openapi-fetch';
import { actAsHeader } from './act-as';
import { Problem } from './problem';
import { ask } from './prompts';

/** Requests that are themselves about signing in; a refusal of them is an answer, not a reason to ask. */
const QUIET = [/^\/api\/v1\/auth\//, /^\/api\/v1\/me$/, /^\/api\/v1\/me\/step-up$/, /^\/api\/v1\/invitations\//];

/** Sends a request; on a lapsed session or a missing password asks the person, then repeats it unchanged. */
async function guarded(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  for (let attempt = 0; ; attempt += 1) {
    const response = await fetch(request.clone()).catch(() => {
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

const client = createClient<any>({ baseUrl: '', fetch: guarded });

client.use({
  onRequest({ request }) {
    request.headers.set('x-pmos', '1');
    if (request.method === 'POST') request.headers.set('idempotency-key', crypto.randomUUID());
    const acting = actAsHeader(new URL(request.url).pathname);
    if (acting) request.headers.set(...acting);
    return request;
  },
});

interface Init {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** One call of a route. Throws a `Problem` for everything but success. */
export async function call<T>(method: Method, route: string, { path, query, body }: Init = {}): Promise<T> {
  const { data, error, response } = await client.request(method, route, {
    params: { path, query },
    ...(body === undefined ? {} : { body }),
  });
  if (!response.ok) throw Problem.of(response, error);
  return data as T;
}
