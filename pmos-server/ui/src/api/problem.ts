import { m } from '@/messages/en';

/** A refusal of the server, in the form of RFC 9457, or a failure to reach it. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** What is wrong with which field of the request. */
  readonly fields: Record<string, string>;
  readonly requestId: string | null;
  /** Seconds to wait before another try. */
  readonly retryAfter: number | null;
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>, retryAfter: number | null = null) {
    super(typeof body.detail === 'string' ? body.detail : m.problem.unreadable(status));
    this.name = 'Problem';
    this.status = status;
    this.code = typeof body.code === 'string' ? body.code : 'unknown';
    this.requestId = typeof body.request_id === 'string' ? body.request_id : null;
    this.retryAfter = retryAfter;
    this.body = body;
    this.fields = {};
    if (Array.isArray(body.errors)) {
      for (const error of body.errors) this.fields[error.field] ??= error.message;
    }
  }

  static of(response: Response, body: unknown): Problem {
    const wait = Number(response.headers.get('retry-after'));
    return new Problem(response.status, isObject(body) ? body : {}, Number.isFinite(wait) && wait > 0 ? wait : null);
  }

  /** The call waits for this approval; nothing is changed yet. */
  static parked(approval: string): Problem {
    return new Problem(202, { code: 'parked', detail: m.problem.parked, approval });
  }

  /** The server could not be reached at all. */
  static offline(): Problem {
    return new Problem(0, { code: 'offline', detail: m.problem.offline });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Whatever was thrown, as something that can be shown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, { code: 'client', detail: error instanceof Error ? error.message : String(error) });
}
