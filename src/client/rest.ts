import { type ErrorCode, errorTable, Fault } from '../kernel/errors.js';
import type { Problem } from '../protocol/problem.js';
import { atLeast, fullJitter, type Random } from './backoff.js';
import { type Clock, sleep } from './clock.js';
import type { Endpoints } from './endpoints.js';
import type { RestOptions, Way } from './way.js';

export interface RestParts {
  endpoints: Endpoints;
  clock: Clock;
  random: Random;
  fetch: typeof fetch;
  /** The access token to send, or null for nobody. */
  token(): Promise<string | null>;
  /** A token in place of one that was refused. */
  refresh(stale: string): Promise<string>;
  /** Who is signed in: what one member asked for is not tried again as another. */
  memberId(): string | null;
}

const backoff = { baseMs: 300, maxMs: 4_000 };
const maxAttempts = 4;
/** Waits that a retry may add in all; a server that asks for more gets its Fault passed on. */
const maxWaitMs = 15_000;

interface Loose {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
}

/** The REST door, failing with a Fault only. */
export class RestDoor {
  readonly #parts: RestParts;

  constructor(parts: RestParts) {
    this.#parts = parts;
  }

  /**
   * Asks for an operation: its input is flat, and is divided as REST has it. A refused token is replaced once. What is
   * safe to repeat is tried again on a retryable Fault, after what the server asked for; the caller may see `not_found`
   * when a repeated DELETE had worked the first time.
   */
  ask(way: Way, input: Record<string, unknown>, options: RestOptions = {}): Promise<unknown> {
    const named = new Set([...way.path.matchAll(/:(\w+)/g)].map(([, field]) => field));
    const fields = Object.entries(input);
    const params = Object.fromEntries(fields.filter(([field]) => named.has(field)));
    const rest = Object.fromEntries(fields.filter(([field]) => !named.has(field)));
    const isEmpty = Object.keys(rest).length === 0;
    const request = { params, ...(!isEmpty && (way.method === 'GET' ? { query: rest } : { body: rest })) };
    return this.#insist({ ...way, isRepeatable: () => way.isRepeatable(input) }, request, options);
  }

  async #insist(way: Way, request: Loose, options: RestOptions): Promise<unknown> {
    let waited = 0;
    let renewed: string | undefined;
    const caller = this.#parts.memberId();
    for (let attempt = 1; ; attempt++) {
      const token = way.token ? (renewed ?? (await this.#parts.token())) : null;
      try {
        return await this.#once(way, request, token, options);
      } catch (thrown) {
        const fault = Fault.from(thrown);
        // Who has signed in meanwhile did not ask for this.
        if (this.#parts.memberId() !== caller) throw fault;
        if (fault.code === 'unauthenticated' && token !== null && renewed === undefined) {
          renewed = await this.#parts.refresh(token);
          continue;
        }
        const wait =
          fault.retry_after_ms === undefined
            ? fullJitter(attempt, backoff, this.#parts.random)
            : atLeast(fault.retry_after_ms, this.#parts.random);
        waited += wait;
        if (!fault.retryable || !way.isRepeatable({}) || attempt >= maxAttempts || waited > maxWaitMs) throw fault;
        if (options.signal?.aborted) throw fault;
        await sleep(this.#parts.clock, wait);
        if (this.#parts.memberId() !== caller) throw fault;
      }
    }
  }

  async #once({ method, path }: Way, request: Loose, token: string | null, options: RestOptions): Promise<unknown> {
    const { clock } = this.#parts;
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    const timer = clock.after(options.timeoutMs ?? 15_000, stop);
    options.signal?.addEventListener('abort', stop);
    if (options.signal?.aborted) stop();
    try {
      const response = await this.#parts.fetch(
        `${this.#parts.endpoints.current}/api${fill(path, request.params)}${queryOf(request.query)}`,
        {
          method,
          headers: {
            accept: 'application/json, application/problem+json',
            ...(request.body !== undefined && { 'content-type': 'application/json' }),
            ...(token !== null && { authorization: `Bearer ${token}` }),
          },
          ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
          ...(options.keepalive && { keepalive: true }),
          signal: abort.signal,
        },
      );
      const text = await response.text();
      if (!response.ok) throw problemOf(response, text);
      return text === '' ? undefined : JSON.parse(text);
    } catch (thrown) {
      if (thrown instanceof Fault) throw thrown;
      if (abort.signal.aborted) throw new Fault('timeout', undefined, {}, thrown);
      this.#parts.endpoints.next();
      throw new Fault('unavailable', 'The server cannot be reached', {}, thrown);
    } finally {
      timer.cancel();
      options.signal?.removeEventListener('abort', stop);
    }
  }
}

const fill = (path: string, params: Record<string, unknown> = {}): string =>
  path.replace(/:(\w+)/g, (_, key: string) => {
    if (params[key] === undefined) throw new Fault('validation_failed', `The path needs ${key}`);
    return encodeURIComponent(String(params[key]));
  });

const queryOf = (query: Record<string, unknown> = {}): string => {
  const pairs = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
};

/** The server's own word where it is a problem document; otherwise (a proxy answered) what the status says. */
const problemOf = (response: Response, text: string): Fault => {
  let body: Partial<Problem> = {};
  try {
    body = (JSON.parse(text) as Partial<Problem> | null) ?? {};
  } catch {
    // Not JSON: the status says enough.
  }
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const code = body.code && body.code in errorTable ? body.code : codeOf(response.status);
  return new Fault(
    code,
    typeof body.detail === 'string' ? body.detail : undefined,
    {
      errors: body.errors,
      item: body.item,
      retry_after_ms: body.retry_after_ms ?? (Number.isFinite(seconds) ? seconds * 1000 : undefined),
    },
    body,
  );
};

const codeOf = (status: number): ErrorCode => {
  const exact = (Object.keys(errorTable) as ErrorCode[]).find((code) => errorTable[code].status === status);
  return exact && exact !== 'overloaded' ? exact : status >= 500 ? 'unavailable' : 'validation_failed';
};
