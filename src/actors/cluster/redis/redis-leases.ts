import type { Leases, MemberRecord, Renewal } from '../leases.js';
import { VersionMismatch } from '../versions.js';
import type { Keys } from './keys.js';
import type { RunScript } from './run-script.js';
import { announce } from './scripts/announce-3.js';
import { join } from './scripts/join-3.js';
import { leave } from './scripts/leave-4.js';
import { renew } from './scripts/renew-3.js';

/** Leases end by Redis's own time; a jump of it ends them early (nodes fence and rejoin) or late (dead nodes are noticed late). */
export class RedisLeases implements Leases {
  readonly #run: RunScript;
  readonly #keys: Keys;

  constructor(run: RunScript, keys: Keys) {
    this.#run = run;
    this.#keys = keys;
  }

  async join(member: MemberRecord, leaseMs: number): Promise<Renewal> {
    const { leases, members, version, changes } = this.#keys;
    const answer = await this.#run(join, [leases, members, version, member.instance, JSON.stringify(member), leaseMs, changes]);
    if (typeof answer === 'string') throw new VersionMismatch(member, JSON.parse(answer) as MemberRecord);
    return { alive: true, version: Number(answer) };
  }

  async renew(instance: string, leaseMs: number): Promise<Renewal> {
    const { leases, members, version, changes } = this.#keys;
    const answer = (await this.#run(renew, [leases, members, version, instance, leaseMs, changes])) as [number, number];
    return { alive: answer[0] === 1, version: answer[1] };
  }

  async announce(member: MemberRecord): Promise<boolean> {
    const { leases, members, version, changes } = this.#keys;
    return (await this.#run(announce, [leases, members, version, member.instance, JSON.stringify(member), changes])) === 1;
  }

  async leave(instance: string): Promise<void> {
    const { leases, members, slots, version, changes } = this.#keys;
    await this.#run(leave, [leases, members, slots, version, instance, changes]);
  }
}
