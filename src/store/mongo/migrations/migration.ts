import type { Db } from 'mongodb';

/**
 * One step from a version of the database to the next. It may be cut off anywhere by a crash and is then run again from its
 * beginning, so it must be harmless when repeated; and nodes of the version before may still be running beside it.
 */
export interface Migration {
  version: number;
  name: string;
  /** `tell`: how many of how many records are brought along. */
  run(db: Db, tell: (done: number, all: number) => void): Promise<void>;
}
