import type { Authority } from '../history.js';
import { Register } from './register.js';
import { and, not, or, type Tri, whether } from './tri.js';

/** What an override says of viewing. */
export type Say = 'allow' | 'deny' | 'nothing';

export const sayOf = (override: { allow: readonly string[]; deny: readonly string[] } | undefined): Say =>
  override?.allow.includes('view') ? 'allow' : override?.deny.includes('view') ? 'deny' : 'nothing';

export const textOf = (names: readonly string[]): string => [...names].sort().join(' ');

const isAdmin = (grants: string): boolean => grants.split(' ').includes('administrator');

/**
 * What decides who views which threads of one community, each by itself, as the calls have left it. `sight` is the slow
 * reference: it says by the words of the documents, not by the code that is judged, whether somebody views a thread;
 * undefined where that is not known.
 */
export class AuthorityPlace {
  readonly id: string;
  readonly isPublic: boolean;
  readonly members = new Set<string>();
  readonly threads = new Set<string>();
  /** So many calls were made that change it. */
  calls = 0;
  readonly owner: Register<string>;
  readonly order: Register<string>;
  readonly #registers = new Map<string, Register<unknown>>();
  readonly #roles: string[];
  /** What was looked at since it was last emptied. */
  readonly looked = new Set<Register<unknown>>();

  constructor(begun: Authority) {
    this.id = begun.community;
    this.isPublic = begun.isPublic;
    this.owner = new Register(begun.owner);
    this.#roles = begun.roles.map(({ id }) => id).filter((id) => id !== begun.community);
    this.order = new Register(this.#roles.join(' '));
    for (const { id, permissions } of begun.roles) this.#begin(`grants ${id}`, textOf(permissions));
    for (const { id, isMember, roles } of begun.members) {
      this.members.add(id);
      this.#begin(`member ${id}`, isMember);
      for (const role of roles) this.#begin(`holds ${id} ${role}`, true);
    }
    for (const { id, overrides } of begun.threads) this.begin(id, overrides);
    // Its ledger has the audience of what nothing is said of.
    this.begin(begun.community, []);
  }

  /** A thread is there, with these overrides. */
  begin(thread: string, overrides: Authority['threads'][number]['overrides']): void {
    this.threads.add(thread);
    for (const override of overrides) this.#begin(`says ${thread} ${override.subject}`, sayOf(override));
  }

  member(id: string): Register<boolean> {
    return this.#register(`member ${id}`, false);
  }

  holds(id: string, role: string): Register<boolean> {
    return this.#register(`holds ${id} ${role}`, false);
  }

  grants(role: string): Register<string> {
    return this.#register(`grants ${role}`, '');
  }

  says(thread: string, subject: string): Register<Say> {
    return this.#register(`says ${thread} ${subject}`, 'nothing');
  }

  /** Whether it is about what this thread says of somebody. */
  isOf(thread: string, register: Register<unknown>): boolean {
    return [...this.#registers].some(([key, is]) => is === register && key.startsWith(`says ${thread} `));
  }

  /** Whether somebody is denied it. */
  isClosed(thread: string): Tri {
    const subjects = [this.id, ...this.#roles].map((id) => `role:${id}`).concat([...this.members].map((id) => `member:${id}`));
    return or(...subjects.map((subject) => whether(this.says(thread, subject).values, (said) => said === 'deny')));
  }

  get roles(): readonly string[] {
    return this.#roles;
  }

  /** `as`: what some registers are taken to be. */
  sight(member: string, thread: string, as: ReadonlyMap<Register<unknown>, unknown> = new Map()): Tri {
    const of = <V>(register: Register<V>): V[] => {
      this.looked.add(register);
      return as.has(register) ? [as.get(register) as V] : register.values;
    };
    const says = (subject: string, what: Say): Tri => whether(of(this.says(thread, subject)), (said) => said === what);
    const holds = (role: string): Tri => whether(of(this.holds(member, role)), Boolean);
    const someRole = (is: (role: string) => Tri): Tri => or(...this.#roles.map((role) => and(holds(role), is(role))));
    const everyone = `role:${this.id}`;
    const byEveryone = or(says(everyone, 'allow'), not(says(everyone, 'deny')));
    const byRoles = or(
      someRole((role) => says(`role:${role}`, 'allow')),
      and(not(someRole((role) => says(`role:${role}`, 'deny'))), byEveryone),
    );
    const own = `member:${member}`;
    const byOwn = or(says(own, 'allow'), and(not(says(own, 'deny')), byRoles));
    const isOwner = whether(of(this.owner), (owner) => owner === member);
    const isAbove = or(
      isOwner,
      someRole((role) => whether(of(this.grants(role)), isAdmin)),
    );
    const isMember = whether(of(this.member(member)), Boolean);
    return or(and(isMember, or(isAbove, byOwn)), and(not(isMember), this.isPublic, byEveryone));
  }

  #register<V>(key: string, first: V): Register<V> {
    return (this.#registers.get(key) as Register<V> | undefined) ?? this.#begin(key, first);
  }

  #begin<V>(key: string, first: V): Register<V> {
    const register = new Register(first);
    this.#registers.set(key, register as Register<unknown>);
    return register;
  }
}
