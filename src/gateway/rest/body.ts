import express, { type Request, type RequestHandler } from 'express';
import { Fault } from '../../kernel/errors.js';
import { decodeText, inspectJsonText } from '../inspect.js';

/** Reads the bytes, whatever they are, up to a limit; compressed bodies are refused. */
export const readBytes = (limit: number): RequestHandler => express.raw({ limit, type: () => true, inflate: false });

const isJson = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * A JSON body: undefined when there is none. Looked through before it is parsed, so that neither depth nor a forged key ever
 * reaches the parser's output. Fault `validation_failed`, which never repeats what was sent.
 */
export const jsonOf = (request: Request): unknown => {
  const bytes: unknown = request.body;
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return undefined;
  if (!isJson.test(request.headers['content-type'] ?? '')) {
    throw new Fault('validation_failed', 'The body must be sent as application/json in UTF-8');
  }
  const text = decodeText(bytes);
  inspectJsonText(text);
  try {
    return JSON.parse(text);
  } catch {
    throw new Fault('validation_failed', 'The body is not well-formed JSON');
  }
};
