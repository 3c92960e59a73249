import { type RequestOptions, request } from 'node:http';
import { expect } from '@jest/globals';
import { type ErrorCode, errorTable } from '../../src/kernel/errors.js';
import { type Problem, problem } from '../../src/protocol/problem.js';

/** The REST door without the typed client's manners: any method, path, header and bytes. */

export interface Question {
  method?: string;
  token?: string | null;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is; the content type is JSON unless the headers say otherwise. */
  raw?: string | Uint8Array;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  body: unknown;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** One request on a connection of its own, so that what one does to its connection is nobody else's affair. */
export const knock = (url: string, path: string, question: Question = {}): Promise<Answer> => {
  const body = question.raw ?? (question.json === undefined ? undefined : JSON.stringify(question.json));
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const { hostname, port } = new URL(url);
  const options: RequestOptions = {
    hostname,
    port,
    path,
    agent: false,
    method: question.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(bytes !== undefined && { 'content-type': 'application/json', 'content-length': bytes.length }),
      ...(question.token && { authorization: `Bearer ${question.token}` }),
      ...question.headers,
    },
  };
  return new Promise((resolve, reject) => {
    let answered = false;
    const going = request(options, (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) });
      });
    });
    // A server that refuses a body may answer and close before it has taken all of it.
    going.on('error', (error) => {
      if (!answered) reject(error);
    });
    going.end(bytes);
  });
};

/** Holds an answer to the contract's form of a failure, and gives it back. */
export const expectProblem = (answer: Answer, code: ErrorCode, status: number = errorTable[code].status): Problem => {
  expect({ status: answer.status, code: (answer.body as { code?: unknown } | undefined)?.code, text: answer.text }).toMatchObject({
    status,
    code,
  });
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  const body = problem.strict().parse(answer.body);
  expect(body.status).toBe(answer.status);
  expect(body.request_id).not.toBe('');
  return body;
};

/** `ok`, or the code of the failure. */
export const outcomeOf = (answer: Answer): string => {
  if (answer.status >= 200 && answer.status < 300) return 'ok';
  const code = (answer.body as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : `status ${answer.status}`;
};
