import type { IncomingHttpHeaders } from 'node:http';
import { errorTable } from '../../src/kernel/errors.js';
import type { Documents, EventOfClient } from './documents.js';
import type { RestCase } from './rest-cases.js';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What a defect behind an answer looks like from outside: the node knows no better than this. */
const defect = 'Something went wrong on our side';

/** What HTTP has a status of its own for: a method, a type of content, too long a head. Its code is that of a request in the wrong form. */
const ofHttp = new Set([405, 406, 411, 415, 417, 431]);

const fail = (what: string, seen: string): never => {
  throw new Error(`${what}: ${seen.slice(0, 600)}`);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Throws with what is wrong: an answer that the documents do not know, or one that hides a defect. */
export const judgeAnswer = (one: RestCase, answer: Answer, documents: Documents): void => {
  const { status, headers, body } = answer;
  const seen = `${status} ${headers['content-type'] ?? ''} ${body}`;
  if (status >= 400) {
    // A HEAD has no body to be judged.
    if (one.method === 'HEAD') {
      if (status >= 500 && status !== 503 && status !== 504) fail('a status that no error has', seen);
      return;
    }
    const problem = parsed(body) as { code?: keyof typeof errorTable; status?: number; detail?: string } | undefined;
    if (!headers['content-type']?.startsWith('application/problem+json')) fail('a failure that is no problem', seen);
    const misfit = documents.misfit(documents.problem, problem, 'rest');
    if (misfit) fail(`a problem that does not fit its schema (${misfit})`, seen);
    const known = errorTable[problem!.code!];
    const isOfHttp = problem!.code === 'validation_failed' && ofHttp.has(status);
    if (problem!.status !== status || (known.status !== status && !isOfHttp)) fail('a status that is not its code’s', seen);
    if (problem!.detail === defect) fail('a defect', seen);
    return;
  }
  const operation = documents.operations.find(({ name }) => name === one.operation)!;
  if (one.method !== operation.method || !sameShape(operation.path, one.path)) return;
  // Nothing has changed, for one who says what it has.
  if (status === 304 && one.headers.some(([name]) => name === 'if-none-match')) return;
  if (status >= 300) fail('a redirection', seen);
  const schema = operation.answers.get(status);
  if (schema === undefined) fail('a status that the document does not name', seen);
  if (!schema) return;
  const misfit = documents.misfit(schema, parsed(body), 'rest');
  if (misfit) fail(`an answer that does not fit its schema (${misfit})`, seen);
};

/** Whether a path is still this operation's: what was put in for a parameter may have made it another's. */
const sameShape = (template: string, path: string): boolean => {
  const given = path.split('?')[0]!.split('/');
  const parts = template.split('/');
  return (
    parts.length === given.length && parts.every((part, i) => (part.startsWith('{') ? /^[\w.-]{2,}$/.test(given[i]!) : part === given[i]))
  );
};

/** The same for what acknowledges an event. */
export const judgeAcknowledgement = (event: EventOfClient | undefined, acknowledgement: unknown, documents: Documents): void => {
  const seen = JSON.stringify(acknowledgement) ?? 'undefined';
  if (event) {
    const misfit = documents.misfit(event.acknowledgement, acknowledgement, 'socket');
    if (misfit) fail(`an acknowledgement that does not fit its schema (${misfit})`, seen);
  }
  const { ok, error } = (acknowledgement ?? {}) as { ok?: boolean; error?: { code?: string; message?: string } };
  if (ok === false && error?.message === defect) fail('a defect', seen);
  if (ok === false && !(String(error?.code) in errorTable)) fail('a code that the table does not have', seen);
  if (!event && ok !== false) fail('an event that does not exist was acknowledged as done', seen);
};
