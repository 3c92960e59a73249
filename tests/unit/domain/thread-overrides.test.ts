import { beforeEach, describe, expect, it } from '@jest/globals';
import { ThreadOverrides } from '../../../src/actors/domain/thread/overrides.js';
import type { OverrideRecord } from '../../../src/authority/overrides.js';
import { Fault } from '../../../src/kernel/errors.js';
import type { OverridesChange, ThreadRecord } from '../../../src/store/contracts.js';
import { aThread } from '../../conformance/store/records.js';

const letIn: OverrideRecord[] = [
  { subject: 'role:c', allow: [], deny: ['view'] },
  { subject: 'member:bob', allow: ['view'], deny: [] },
];
const takenOut = letIn.slice(0, 1);

describe('a write of overrides without an answer', () => {
  let stored: ThreadRecord;
  let known: ThreadRecord;
  let isSilent: boolean;
  let slow: Promise<void> | undefined;
  let overrides: ThreadOverrides;

  beforeEach(() => {
    stored = aThread();
    known = stored;
    isSilent = true;
    slow = undefined;
    const threads = {
      setOverrides: async (_thread: Pick<ThreadRecord, 'id'>, change: OverridesChange) => {
        const isNext = (stored.overrides_version ?? 0) + 1 === change.overrides_version;
        if (isNext) stored = { ...stored, ...change };
        if (isSilent) throw new Fault('timeout');
        return isNext;
      },
      byId: async () => {
        const [read, until] = [stored, slow];
        slow = undefined;
        await until;
        return read;
      },
    };
    const changed = (change: Partial<ThreadRecord>): void => {
      known = { ...known, ...change };
    };
    overrides = new ThreadOverrides(threads, () => known, changed);
  });

  /** Somebody looks while it is open, and what they read of the store is long under way. */
  const lookedAt = async (): Promise<() => Promise<void>> => {
    await expect(overrides.set(letIn, 1)).rejects.toMatchObject({ code: 'timeout' });
    isSilent = false;
    let answer = (): void => undefined;
    slow = new Promise((resolve) => {
      answer = resolve;
    });
    const look = overrides.settle();
    return () => {
      answer();
      return look;
    };
  };

  it('is settled beside the turns by who looks: what was read before a later change does not undo that', async () => {
    const ended = await lookedAt();
    await new Promise(setImmediate);
    await overrides.set(takenOut, 2);
    await ended();
    expect(known).toMatchObject({ overrides: takenOut, overrides_version: 2 });
  });

  it('is not taken for ended by a look that settled the one before it', async () => {
    const ended = await lookedAt();
    await new Promise(setImmediate);
    await overrides.settle();
    isSilent = true;
    await expect(overrides.set(takenOut, 2)).rejects.toMatchObject({ code: 'timeout' });
    await ended();
    expect(overrides.isOpen).toBe(true);
    isSilent = false;
    await overrides.settle();
    expect(known).toMatchObject({ overrides: takenOut, overrides_version: 2 });
  });
});
