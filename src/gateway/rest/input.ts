import type { Request, Response } from 'express';
import type { z } from 'zod';
import { fieldsOfPath } from '../../catalogue/catalogue.js';
import type { Operation, RestWay } from '../../catalogue/operation.js';
import { Fault, type FieldError } from '../../kernel/errors.js';
import { bodyBytesOf } from '../../protocol/body-bytes.js';
import { demandNoBody, jsonOf, readBody } from './body.js';

/** What a field of a query string is turned into; each value has one spelling. */
type Form = 'number' | 'boolean' | 'text';

interface Wrapping {
  type: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
}

const formOf = (schema: z.ZodType): Form => {
  const { type, innerType, in: taken } = schema.def as unknown as Wrapping;
  const within = innerType ?? taken;
  if (within) return formOf(within);
  return type === 'number' || type === 'int' ? 'number' : type === 'boolean' ? 'boolean' : 'text';
};

const wholeNumber = /^(?:0|[1-9]\d{0,15})$/;

const read = (form: Form, given: unknown, path: string, errors: FieldError[]): unknown => {
  if (form === 'text' || typeof given !== 'string') return given;
  if (form === 'number' && wholeNumber.test(given)) return Number(given);
  if (form === 'boolean' && (given === 'true' || given === 'false')) return given === 'true';
  errors.push({ path, message: form === 'number' ? 'must be a whole number in plain digits' : 'must be true or false' });
  return given;
};

/** How REST divides an operation's input. */
export interface RestForm {
  path: z.ZodObject;
  query: z.ZodObject;
  body: z.ZodObject;
}

const maskOf = (fields: readonly string[]): Record<string, true> => Object.fromEntries(fields.map((field) => [field, true as const]));

/** Path parameters are the fields that the path names; the rest is the query of a GET, and the body of everything else. */
export const restForm = (operation: Pick<Operation, 'input'>, rest: RestWay): RestForm => {
  const named = fieldsOfPath(rest.path);
  const path = operation.input.pick(maskOf(named));
  const others = operation.input.omit(maskOf(named));
  const none = operation.input.pick({});
  return rest.method === 'get' ? { path, query: others, body: none } : { path, query: none, body: others };
};

const wrong = (what: string, errors: FieldError[]): Fault =>
  new Fault('validation_failed', `The ${what} does not have the expected form`, { errors });

const unknownFields = (given: object, known: z.ZodObject): boolean => Object.keys(given).some((key) => !Object.hasOwn(known.shape, key));

/** Puts a request together as the flat input that every door has. A field at the wrong place is refused as one that is not known. */
export const createInputReader = (operation: Operation, rest: RestWay) => {
  const { path, query, body } = restForm(operation, rest);
  const forms = new Map(Object.entries(query.shape).map(([field, schema]) => [field, formOf(schema as z.ZodType)]));
  const takesBody = rest.method !== 'get' && (rest.method !== 'delete' || Object.keys(body.shape).length > 0);
  const mostBytes = bodyBytesOf({ body, ...(rest.bodyBytes !== undefined && { bodyBytes: rest.bodyBytes }) });
  return async (request: Request, response: Response): Promise<Record<string, unknown>> => {
    if (takesBody) await readBody(request, response, mostBytes);
    else demandNoBody(request);
    const asked = request.query as Record<string, unknown>;
    if (unknownFields(asked, query)) throw wrong('query', [{ path: '', message: 'has fields that are not known here' }]);
    const errors: FieldError[] = [];
    const fields = Object.entries(asked).map(([field, given]) => [field, read(forms.get(field) ?? 'text', given, field, errors)]);
    if (errors.length > 0) throw wrong('query', errors);
    const sent = takesBody ? (jsonOf(request) ?? {}) : {};
    if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) throw wrong('body', [{ path: '', message: 'must be an object' }]);
    if (unknownFields(sent, body)) throw wrong('body', [{ path: '', message: 'has fields that are not known here' }]);
    const named = Object.keys(path.shape).map((field) => [field, request.params[field]]);
    return Object.fromEntries([...named, ...fields, ...Object.entries(sent)]);
  };
};
