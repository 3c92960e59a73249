import type { ObjectId } from 'mongodb';
import type { LedgerCommit, LedgerItemRecord } from '../contracts.js';
import { date, oid, type Present, present } from './fields.js';

/** Changes are one text of JSON: their values may have any keys, and nobody looks into them. */
export type CommitDocument = Present<{
  _id: ObjectId;
  ledger: string;
  rev: number;
  epoch: number;
  at: Date;
  by: ObjectId | null;
  operation: string;
  op_id: string | null;
  changes: string;
}>;

/** `_id` names ledger, kind and key, so that it also keeps their order. Without a value it was deleted. */
export interface ItemDocument {
  _id: string;
  ledger: string;
  rev: number;
  value?: string;
}

export const commitDocument = (commit: LedgerCommit): CommitDocument =>
  present({
    _id: oid(commit.id),
    ledger: commit.ledger,
    rev: commit.rev,
    epoch: commit.epoch,
    at: date(commit.at),
    by: commit.by === null ? null : oid(commit.by),
    operation: commit.operation,
    op_id: commit.op_id,
    changes: JSON.stringify(commit.changes),
  });

export const commitRecord = (document: CommitDocument): LedgerCommit => ({
  id: document._id.toHexString(),
  ledger: document.ledger,
  rev: document.rev,
  epoch: document.epoch,
  at: document.at.getTime(),
  by: document.by?.toHexString() ?? null,
  operation: document.operation,
  op_id: document.op_id ?? null,
  changes: JSON.parse(document.changes),
});

/** About how many bytes a commit takes. */
export const commitBytes = ({ changes }: LedgerCommit): number => 300 + JSON.stringify(changes).length;

export const itemId = (ledger: string, kind: string, key: string): string => `${ledger} ${kind} ${key}`;
/** Ids that begin so, from the first after `last`: a blank is lower than whatever else names have. */
export const idsBehind = (begin: string, last: string | null): { $gt: string; $lt: string } => ({
  $gt: last ?? `${begin} `,
  $lt: `${begin}!`,
});

/** What marks how far a ledger is projected: it stands before its items. */
export const markId = (ledger: string): string => ledger;

/** As an item is stored that is there for the first time. */
export const itemDocument = ({ ledger, kind, key, rev, value }: LedgerItemRecord): ItemDocument => ({
  ...{ _id: itemId(ledger, kind, key), ledger, rev },
  ...(value !== undefined && { value: JSON.stringify(value) }),
});

export const itemRecord = ({ _id, ledger, rev, value }: ItemDocument): LedgerItemRecord => {
  const name = _id.slice(ledger.length + 1);
  const blank = name.indexOf(' ');
  const record = { ledger, kind: name.slice(0, blank), key: name.slice(blank + 1), rev };
  return value === undefined ? record : { ...record, value: JSON.parse(value) };
};
