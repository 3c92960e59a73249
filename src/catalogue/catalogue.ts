import type { Allow } from '../authority/allow.js';
import { ledgerBounds } from '../protocol/ledgers.js';
import type { Bound } from './bound.js';
import type { ItemKind } from './item-kind.js';
import type { Operation, RestWay } from './operation.js';

/** A feature's name with what it can do, and what it keeps in ledgers. */
export interface Chapter {
  name: string;
  operations: readonly Bound[];
  items?: readonly ItemKind[];
}

/**
 * Everything that can be asked for, by name, and all kinds of items. What is stated twice, or in a way that some reader
 * of the table could not use, ends the start with a sentence that says so.
 */
export class Catalogue {
  readonly all: readonly Bound[];
  readonly operations: readonly Operation[];
  readonly items: readonly ItemKind[];
  readonly #byName = new Map<string, Bound>();

  constructor(chapters: readonly Chapter[]) {
    const ways = new Set<string>();
    const all: Bound[] = [];
    for (const { name: feature, operations } of chapters) {
      for (const bound of operations) {
        const { operation } = bound;
        const { name } = operation;
        for (const why of defectsOf(operation)) throw new Error(`The operation ${name} of ${feature} ${why}`);
        if (this.#byName.has(name)) throw new Error(`The operation ${name} of ${feature} is stated twice`);
        for (const { method, path } of waysOf(operation)) {
          const way = `${method} ${path.replace(/:\w+/g, ':')}`;
          if (ways.has(way)) throw new Error(`The operation ${name} of ${feature} has the way of another: ${way}`);
          ways.add(way);
        }
        all.push(bound);
        for (const each of [name, ...(operation.also ?? [])]) {
          if (this.#byName.has(each)) throw new Error(`The operation ${name} of ${feature} has the name of another: ${each}`);
          this.#byName.set(each, bound);
        }
      }
    }
    this.all = all;
    this.operations = this.all.map(({ operation }) => operation);
    this.items = itemsOf(chapters);
  }

  /** By its name or one of its other names. */
  byName(name: string): Bound | undefined {
    return this.#byName.get(name);
  }
}

/**
 * Kinds of items, in the order of their features. Throws when one is stated twice: a device could not tell what it
 * holds.
 */
const itemsOf = (chapters: readonly Chapter[]): ItemKind[] => {
  const stated = new Map<string, string>();
  return chapters.flatMap(({ name: feature, items = [] }) => {
    for (const { kind } of items) {
      const other = stated.get(kind);
      if (other !== undefined) throw new Error(`The kind of items ${kind} of ${feature} is stated by ${other} already`);
      if (!/^[a-z]+(_[a-z]+)*$/.test(kind) || kind.length > ledgerBounds.kind) {
        throw new Error(`The kind of items ${kind} of ${feature} is not named by words of small letters, at most ${ledgerBounds.kind}`);
      }
      stated.set(kind, feature);
    }
    return items;
  });
};

/** All the ways in which REST takes it. */
export const waysOf = ({ rest }: Pick<Operation, 'rest'>): Pick<RestWay, 'method' | 'path'>[] =>
  rest ? [rest, ...(rest.aliases ?? [])] : [];

/** Fields that a path names. */
export const fieldsOfPath = (path: string): string[] => [...path.matchAll(/:(\w+)/g)].map(([, field]) => field as string);

const asksInPlace = (allow: Allow): boolean =>
  ['permission', 'author', 'member', 'owner'].includes(allow.who) || (allow.who === 'any' && allow.of.some(asksInPlace));

/** What no reader of the table could use, in words. */
export const defectsOf = ({ name, allow, place, decided_by, input, needed, rest, repeat }: Operation): string[] => {
  const fields = Object.keys(input.shape);
  const defects: string[] = [];
  if (!/^[a-z]+(_[a-z]+)*$/.test(name)) defects.push('is not named verb_noun');
  if (!allow) defects.push('does not say who may ask for it');
  else if (asksInPlace(allow) && decided_by === 'invoke' && !place) defects.push('asks for a permission in no place');
  const strange = waysOf(rest ? { rest } : {}).flatMap(({ path }) => fieldsOfPath(path).filter((field) => !fields.includes(field)));
  if (strange.length > 0) defects.push(`has fields in its path that are not in its input: ${strange.join(', ')}`);
  const missing = Object.values(needed ?? {}).flatMap((names) => names.filter((field) => !fields.includes(field)));
  if (missing.length > 0) defects.push(`asks for fields that are not in its input: ${missing.join(', ')}`);
  if (repeat === 'by nonce' && !fields.includes('nonce')) defects.push('is repeated by a nonce that its input does not have');
  return defects;
};
