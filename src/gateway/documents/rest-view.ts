import type { z } from 'zod';
import { allowText, heedsWhom, isOpen } from '../../authority/allow.js';
import { waysOf } from '../../catalogue/catalogue.js';
import { type Operation, opensAt, type RestWay } from '../../catalogue/operation.js';
import type { LimitName } from '../../protocol/access.js';
import { bodyBytesOf } from '../../protocol/body-bytes.js';
import { restForm } from '../rest/input.js';

/** One method of one address, as documents show it. */
export interface RestView {
  /** Null for another way to what has its name already. */
  name: string | null;
  method: RestWay['method'];
  path: string;
  tag: string;
  summary: string;
  /** The way that it is another of. */
  sameAs: string | null;
  /** In words. */
  forWhom: string;
  /** Whether a token is needed, of use, or neither. */
  token: 'needed' | 'of use' | 'none';
  /** Whether somebody who is signed in may be refused. */
  refuses: boolean;
  /** Whether it can collide with what is there. */
  collides: boolean;
  limit: LimitName;
  status: RestWay['status'];
  alsoStatus: 200 | undefined;
  params: z.ZodType;
  query: z.ZodType;
  body: z.ZodType;
  answer: z.ZodType;
  bodyBytes: number;
}

/** Whether an actor changes something by it. */
const commits = ({ decided_by, repeat }: Operation): boolean => repeat !== 'read' && ['community', 'thread', 'user'].includes(decided_by);

const ofOperation = (operation: Operation): RestView[] => {
  const { rest, name, tag, summary, allow, limit, answer } = operation;
  if (!rest || !opensAt(operation, 'rest')) return [];
  const { path, query, body } = restForm(operation, rest);
  const view = {
    tag,
    summary,
    forWhom: allowText(allow),
    token: !isOpen(allow) ? ('needed' as const) : heedsWhom(allow) ? ('of use' as const) : ('none' as const),
    refuses: allow.who !== 'anyone' && allow.who !== 'signed_in',
    limit,
    status: rest.status,
    alsoStatus: rest.alsoStatus,
    params: path,
    query,
    body,
    answer,
    bodyBytes: bodyBytesOf({ body, ...(rest.bodyBytes !== undefined && { bodyBytes: rest.bodyBytes }) }),
  };
  return waysOf(operation).map((way, n) => ({
    ...view,
    ...way,
    name: n === 0 ? name : null,
    sameAs: n === 0 ? null : `${rest.method.toUpperCase()} ${rest.path}`,
    collides: rest.status === 201 || ['put', 'patch', 'delete'].includes(way.method) || commits(operation),
  }));
};

/** Everything that the REST door takes. */
export const restViews = (operations: readonly Operation[]): RestView[] => operations.flatMap(ofOperation);
