import type { Allow } from '../authority/allow.js';
import type { Bound } from './bound.js';
import type { Operation } from './operation.js';

/** A feature's name with what it can do. */
export interface Chapter {
  name: string;
  operations: readonly Bound[];
}

/**
 * Everything that can be asked for, by name. What is stated twice, or in a way that some reader of the table could not use, ends the
 * start with a sentence that says so.
 */
export class Catalogue {
  readonly all: readonly Bound[];
  readonly operations: readonly Operation[];
  readonly #byName = new Map<string, Bound>();

  constructor(chapters: readonly Chapter[]) {
    const ways = new Set<string>();
    for (const { name: feature, operations } of chapters) {
      for (const bound of operations) {
        const { operation } = bound;
        const { name } = operation;
        for (const why of defectsOf(operation)) throw new Error(`The operation ${name} of ${feature} ${why}`);
        if (this.#byName.has(name)) throw new Error(`The operation ${name} of ${feature} is stated twice`);
        const way = operation.rest && `${operation.rest.method} ${operation.rest.path.replace(/:\w+/g, ':')}`;
        if (way !== undefined && ways.has(way)) throw new Error(`The operation ${name} of ${feature} has the way of another: ${way}`);
        if (way !== undefined) ways.add(way);
        this.#byName.set(name, bound);
      }
    }
    this.all = [...this.#byName.values()];
    this.operations = this.all.map(({ operation }) => operation);
  }

  byName(name: string): Bound | undefined {
    return this.#byName.get(name);
  }
}

/** Fields that a path names. */
export const fieldsOfPath = (path: string): string[] => [...path.matchAll(/:(\w+)/g)].map(([, field]) => field as string);

const asksInPlace = (allow: Allow): boolean =>
  allow.who === 'permission' || allow.who === 'author' || (allow.who === 'any' && allow.of.some(asksInPlace));

/** What no reader of the table could use, in words. */
export const defectsOf = ({ name, allow, place, decided_by, input, rest, repeat }: Operation): string[] => {
  const fields = Object.keys(input.shape);
  const defects: string[] = [];
  if (!/^[a-z]+(_[a-z]+)*$/.test(name)) defects.push('is not named verb_noun');
  if (!allow) defects.push('does not say who may ask for it');
  else if (asksInPlace(allow) && decided_by === 'invoke' && !place) defects.push('asks for a permission in no place');
  const strange = rest && fieldsOfPath(rest.path).filter((field) => !fields.includes(field));
  if (strange && strange.length > 0) defects.push(`has fields in its path that are not in its input: ${strange.join(', ')}`);
  if (repeat === 'by nonce' && !fields.includes('nonce')) defects.push('is repeated by a nonce that its input does not have');
  return defects;
};
