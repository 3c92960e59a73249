import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import getRawBody from 'raw-body';
import { Fault } from '../../kernel/errors.js';
import { decodeText, inspectJsonText } from '../inspect.js';
import { askForBody } from './continue.js';

/** HTTP has a word of its own for a body of a kind that is not taken. */
export class UnsupportedMedia extends Fault {
  override get status(): number {
    return 415;
  }
}

/** What a refused body may still have to come, so that the caller hears the answer before the connection ends. */
const worthDraining = 4_000_000;

const lengthOf = (request: Request): number => Number(request.headers['content-length'] ?? Number.NaN);

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** For a route that takes no body. */
export const demandNoBody = (request: IncomingMessage): void => {
  if (hasBody(request)) throw new Fault('validation_failed', 'This address takes no body with this method');
};

/** Whether the rest of a body that is not wanted comes to its end by itself, soon. */
export const endsSoon = (request: Request): boolean => lengthOf(request) <= worthDraining;

/**
 * Reads a body of up to `limit` bytes into `request.body`. One that says it is larger is refused before any of it is read, one that
 * turns out to be as soon as it is; compressed ones are not taken.
 */
export const readBody = async (request: Request, response: Response, limit: number): Promise<void> => {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    response.setHeader('Accept-Encoding', 'identity');
    throw new UnsupportedMedia('validation_failed', 'The body must not be compressed');
  }
  const length = lengthOf(request);
  if (length > limit) throw new Fault('payload_too_large', `The body is larger than the ${limit} bytes that this route takes`);
  askForBody(request, response);
  request.body = await getRawBody(request, { limit, length: Number.isNaN(length) ? null : length });
};

const isJson = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * A JSON body: undefined when there is none. Looked through before it is parsed, so that neither depth nor a forged key ever
 * reaches the parser's output. Fault `validation_failed`, which never repeats what was sent.
 */
export const jsonOf = (request: Request): unknown => {
  const bytes: unknown = request.body;
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return undefined;
  if (!isJson.test(request.headers['content-type'] ?? '')) {
    throw new UnsupportedMedia('validation_failed', 'The body must be sent as application/json in UTF-8');
  }
  const text = decodeText(bytes);
  inspectJsonText(text);
  try {
    return JSON.parse(text);
  } catch {
    throw new Fault('validation_failed', 'The body is not well-formed JSON');
  }
};
