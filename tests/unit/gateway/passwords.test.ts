import { describe, expect, it } from '@jest/globals';
import { hash } from '@node-rs/argon2';
import { Passwords } from '../../../src/gateway/auth/passwords.js';

describe('passwords', () => {
  it('are argon2id with 19 MiB and two passes, and fit only themselves', async () => {
    const passwords = new Passwords();
    const stored = await passwords.hash('correct horse');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.hash('correct horse')).not.toBe(stored);
    expect(await passwords.matches('correct horse', stored)).toBe(true);
    expect(await passwords.matches('correct horsf', stored)).toBe(false);
    expect(await passwords.matches('correct horse', null)).toBe(false);
    expect(await passwords.matches('correct horse', 'not a hash')).toBe(false);
  });

  it('fit however their letters are composed, also those that were hashed as they were typed', async () => {
    const passwords = new Passwords();
    const [composed, decomposed] = ['Caf\u00e9 \u1ec7 \uac00', 'Caf\u00e9 \u1ec7 \uac00'.normalize('NFD')];
    const stored = [await passwords.hash(composed), await passwords.hash(decomposed), await hash(composed), await hash(decomposed)];
    for (const one of stored) {
      for (const typed of [composed, decomposed]) expect(await passwords.matches(typed, one)).toBe(true);
      expect(await passwords.matches('Cafe e', one)).toBe(false);
    }
    expect(await passwords.matches(composed, null)).toBe(false);
    // What only looks alike is another password.
    expect(await passwords.matches('\uff21bcdefgh', await passwords.hash('Abcdefgh'))).toBe(false);
  });

  it('take as long for nobody as for somebody', async () => {
    const passwords = new Passwords();
    await passwords.start();
    const stored = await passwords.hash('correct horse');
    const timed = async (against: string | null): Promise<number> => {
      const began = performance.now();
      await passwords.matches('wrong', against);
      return performance.now() - began;
    };
    // The fastest of several, in turns: the work itself, whatever else the machine does.
    const best = { known: Number.POSITIVE_INFINITY, unknown: Number.POSITIVE_INFINITY };
    for (let i = 0; i < 8; i++) {
      best.known = Math.min(best.known, await timed(stored));
      best.unknown = Math.min(best.unknown, await timed(null));
    }
    expect(best.unknown / best.known).toBeGreaterThan(0.5);
    expect(best.unknown / best.known).toBeLessThan(2);
  });

  it('are refused unread when over-long: not even counted as work', async () => {
    const passwords = new Passwords({ atOnce: 1, mayWait: 0 });
    const working = passwords.hash('correct horse');
    await expect(passwords.hash('correct horse')).rejects.toMatchObject({ code: 'overloaded' });
    await expect(passwords.hash('x'.repeat(1_000_000))).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(passwords.matches('x'.repeat(1_000_000), null)).rejects.toMatchObject({ code: 'validation_failed' });
    await working;
  });

  it('run few at a time; past the queue they are refused, and everything in it is answered', async () => {
    const passwords = new Passwords({ atOnce: 2, mayWait: 3 });
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => passwords.hash('correct horse')));
    const refused = all.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(3);
    for (const one of refused) expect(one.reason).toMatchObject({ code: 'overloaded', retry_after_ms: expect.any(Number) });
    await expect(passwords.hash('correct horse')).resolves.toBeDefined();
  });
});
