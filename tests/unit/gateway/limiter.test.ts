import { describe, expect, it } from '@jest/globals';
import { RedisLimiter } from '../../../src/gateway/limits/limiter.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { limits } from '../../../src/protocol/access.js';

/** As much of a Redis client as the limiter uses, shared by nodes; it can go away. */
class FakeRedis {
  status = 'ready';
  calls = 0;
  readonly #counts = new Map<string, number>();
  defineCommand(): void {}
  async rlflxIncr([key, points, seconds]: [string, string, string]): Promise<[number, number]> {
    this.calls++;
    if (this.status === 'broken') throw new Error('connection lost');
    const count = (this.#counts.get(key) ?? 0) + Number(points);
    this.#counts.set(key, count);
    return [count, Number(seconds) * 1000];
  }
}

const { points } = limits.react;
const ada = { member_id: '665f1c2ab3d4e5f60718293a', address: '192.0.2.1' };
const node = (redis: FakeRedis): RedisLimiter => new RedisLimiter({ redis, keyPrefix: 'test', telemetry: new Telemetry() });
const refusal = expect.objectContaining({ code: 'rate_limited', retry_after_ms: expect.any(Number) });

/** How many of so many requests pass, spread over some nodes. */
const passed = async (nodes: RedisLimiter[], requests: number, who: { member_id?: string; address: string } = ada): Promise<number> => {
  let count = 0;
  for (let i = 0; i < requests; i++) {
    await nodes[i % nodes.length]!.spend('react', who).then(
      () => count++,
      (error: unknown) => expect(error).toEqual(refusal),
    );
  }
  return count;
};

describe('limits', () => {
  it('count for several nodes together, each member alone', async () => {
    const redis = new FakeRedis();
    const nodes = [node(redis), node(redis), node(redis)];
    expect(await nodes[0]!.spend('react', ada)).toEqual({ limit: points, remaining: points - 1, reset_seconds: limits.react.seconds });
    expect(await passed(nodes, points + 30)).toBe(points - 1);
    expect(await passed(nodes, 5, { member_id: '665f1c2ab3d4e5f60718293b', address: ada.address })).toBe(5);
    await expect(nodes[0]!.spend('read', ada)).resolves.toBeDefined();
  });

  it('refuse a flood from memory', async () => {
    const redis = new FakeRedis();
    const one = node(redis);
    await passed([one], points + 1);
    const { calls } = redis;
    expect(await passed([one], 1000)).toBe(0);
    expect(redis.calls).toBe(calls);
  });

  it('count by address what is nobody’s yet, whatever member is named, and an IPv6 /64 as one', async () => {
    const one = node(new FakeRedis());
    const { points: most } = limits.sign_in;
    const hosts = Array.from({ length: most }, (_, i) => one.spend('sign_in', { member_id: `m${i}`, address: `2001:db8:0:1::${i + 1}` }));
    await Promise.all(hosts);
    await expect(one.spend('sign_in', { address: '2001:db8:0:1:ffff::1' })).rejects.toEqual(refusal);
    await expect(one.spend('sign_in', { address: '2001:db8:0:2::1' })).resolves.toBeDefined();
  });

  it('let a whole IPv6 /48 have four times what one block has, however many of its blocks ask', async () => {
    const one = node(new FakeRedis());
    const { points: most } = limits.sign_in;
    for (let i = 0; i < 4 * most; i++) await one.spend('sign_in', { address: `2001:db8:7:${i.toString(16)}::1` });
    await expect(one.spend('sign_in', { address: '2001:db8:7:ffff::1' })).rejects.toEqual(refusal);
    await expect(one.spend('sign_in', { address: '2001:db8:8:ffff::1' })).resolves.toBeDefined();
  });

  it.each(['reconnecting', 'broken'])('still hold on each node while Redis is %s', async (status) => {
    const redis = new FakeRedis();
    const nodes = [node(redis), node(redis)];
    redis.status = status;
    expect(await passed([nodes[0]!], points + 10)).toBe(points);
    expect(await passed([nodes[1]!], points + 10)).toBe(points);
  });
});
