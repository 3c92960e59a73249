import { describe, expect, it } from '@jest/globals';
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

  it('take as long for nobody as for somebody', async () => {
    const passwords = new Passwords();
    await passwords.prepare();
    const stored = await passwords.hash('correct horse');
    const timed = async (against: string | null): Promise<number> => {
      const began = performance.now();
      for (let i = 0; i < 5; i++) await passwords.matches('wrong', against);
      return performance.now() - began;
    };
    await timed(stored);
    const [known, unknown] = [await timed(stored), await timed(null)];
    expect(unknown / known).toBeGreaterThan(0.5);
    expect(unknown / known).toBeLessThan(2);
  });

  it('are refused unread when over-long', async () => {
    const passwords = new Passwords({ atOnce: 1 });
    const began = performance.now();
    await expect(passwords.hash('x'.repeat(1_000_000))).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(passwords.matches('x'.repeat(1_000_000), null)).rejects.toMatchObject({ code: 'validation_failed' });
    expect(performance.now() - began).toBeLessThan(20);
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
