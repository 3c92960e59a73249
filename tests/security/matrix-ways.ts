import { rules } from '../../src/authority/rules.js';
import type { Operation } from '../../src/catalogue/operation.js';
import { operationNamed, operations, restWaysOf, socketNamesOf } from './doors.js';
import { isOfThread } from './expectation.js';
import type { Visibility } from './permission-table.js';

/** Which operations the matrix asks for through which doors. */

/** An operation; also once more with an input that takes another permission. */
type Row = Operation & { title: string };

const createThread = operationNamed('create_thread');
const variants: Row[] = [
  {
    ...createThread,
    title: 'create_thread, of a closed one',
    allow: rules.create_closed_thread,
    example: { ...createThread.example, is_private: true },
  },
];
const rows: Row[] = [...operations.map((operation) => ({ ...operation, title: operation.name })), ...variants];

export const byRestToo = rows.filter((row) => restWaysOf(row).length > 0);
export const bySocketToo = rows.filter((row) => socketNamesOf(row).length > 0);

const isClosed = (visibility: Visibility): boolean => visibility === 'closed' || visibility === 'shut';

/** In closed threads those that are about one. */
export const among = (all: readonly Row[], visibility: Visibility): Row[] => (isClosed(visibility) ? all.filter(isOfThread) : [...all]);

/**
 * In closed threads all go through REST, and each through one of the two doors of sockets, in turns: through the other
 * one in the other kind of closed thread. What REST does not open to goes through both. Outside closed threads
 * everything goes through every door.
 */
export const inTurn = (door: 'socket' | 'websocket', visibility: Visibility): Row[] =>
  among(bySocketToo, visibility).filter((row, at) => {
    if (!isClosed(visibility) || !byRestToo.includes(row)) return true;
    return (at % 2 === 0) === ((door === 'socket') === (visibility === 'closed'));
  });
