import { Fault, type FieldError } from '../../kernel/errors.js';
import { endOfString, inspectJsonText } from '../inspect.js';

/** By what a client knows the answer to one of its frames. */
export type Ref = string | number;

/** One frame of a client: `{action, ref?, …payload}`. */
export interface ClientFrame {
  action: string;
  ref: Ref | undefined;
  /** The other fields, flat, as the operation takes them. */
  payload: Record<string, unknown>;
}

export const longestRef = 64;
const longestAction = 64;
/** So far a frame that is not parsed is looked through for its `ref`, in UTF-16 units. */
const looked = 4_096;
const refField = /"ref"[ \t\r\n]{0,16}:[ \t\r\n]{0,16}("(?:[^"\\]|\\.){0,400}"|-?[\d.eE+-]{1,24})/y;

const QUOTE = 0x22;
const opens = (c: number): boolean => c === 0x7b || c === 0x5b;
const closes = (c: number): boolean => c === 0x7d || c === 0x5d;

const isRef = (value: unknown): value is Ref =>
  typeof value === 'string' ? value.length > 0 && value.length <= longestRef : typeof value === 'number' && Number.isFinite(value);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The `ref` of a frame that is refused unparsed, when it stands near the frame's beginning. Never throws. */
export const refIn = (text: string): Ref | undefined => {
  const head = text.slice(0, looked);
  let depth = 0;
  for (let i = 0; i < head.length; i++) {
    const c = head.charCodeAt(i);
    if (c === QUOTE) {
      refField.lastIndex = i;
      const ref = depth === 1 ? parsed(refField.exec(head)?.[1] ?? '') : undefined;
      if (isRef(ref)) return ref;
      i = endOfString(head, i);
    } else if (opens(c)) {
      depth++;
    } else if (closes(c)) {
      depth--;
    }
  }
  return undefined;
};

const refuse = (message: string, ...errors: FieldError[]): never => {
  throw new Fault('validation_failed', message, errors.length > 0 ? { errors } : {});
};

/** Looked through (nesting, number of values, forbidden keys) before it is parsed, once. Fault `validation_failed`. */
export const readFrame = (text: string): ClientFrame => {
  inspectJsonText(text);
  const frame = parsed(text);
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) return refuse('A frame is one JSON object: {action, ref?, …}');
  const { action, ref, ...payload } = frame as Record<string, unknown>;
  if (ref !== undefined && !isRef(ref)) {
    return refuse('The frame does not have the expected form', {
      path: 'ref',
      message: `must be a number, or a string of 1 to ${longestRef} characters`,
    });
  }
  if (typeof action !== 'string' || action === '' || action.length > longestAction) {
    return refuse('The frame does not have the expected form', {
      path: 'action',
      message: `must be a name of 1 to ${longestAction} characters`,
    });
  }
  return { action, ref, payload };
};

/** Actions that may say who acts. */
const simple: ReadonlySet<string> = new Set(['join_community', 'join_thread', 'typing', 'stop_typing']);

/**
 * The payload as its operation takes it: in four simple frames a `user_id` may stand beside it, which has to be one's
 * own. Fault `forbidden` for somebody else's.
 */
export const withoutOwnId = ({ action, payload }: ClientFrame, memberId: string | undefined): Record<string, unknown> => {
  if (payload.user_id === undefined || !simple.has(action)) return payload;
  const { user_id, ...rest } = payload;
  if (typeof user_id !== 'string') refuse('The frame does not have the expected form', { path: 'user_id', message: 'must be an id' });
  if (user_id !== memberId) throw new Fault('forbidden', 'user_id names somebody else');
  return rest;
};
