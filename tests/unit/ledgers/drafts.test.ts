import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemberStage } from './member-stage.js';

describe('drafts', () => {
  let stage: MemberStage;
  beforeEach(async () => {
    stage = await new MemberStage().open();
  });
  afterEach(() => stage.stop());

  const place = (n: number): string => `thread:${String(n).padStart(24, '0')}`;
  const save = (n: number, content: string) => stage.ask('drafts', 'save', { place: place(n), content });
  const connect = (device: string): void => stage.tell({ type: 'device_seen', device, node: 'n1' });
  const drafts = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await stage.sync()).items.flatMap((item) => ('value' in item ? [[item.key, (item.value as { content: string }).content]] : [])),
    );

  it('of two seconds are one commit, and one event, while two devices are there', async () => {
    for (const device of ['laptop', 'phone']) connect(device);
    for (const text of ['H', 'He', 'Hel', 'Hell', 'Hello']) await save(1, text);
    await save(2, 'Else');
    expect(stage.calls.append).toBeUndefined();
    await stage.clock.advance(2_100);
    expect(stage.calls.append).toBe(1);
    expect(stage.told.filter(({ event }) => event === 'ledger_changed').map(({ payload }) => payload.items)).toEqual([
      [
        { kind: 'draft', key: place(1), rev: 1, value: { content: 'Hello', saved_at: '2026-01-01T00:00:00.000Z' } },
        { kind: 'draft', key: place(2), rev: 1, value: { content: 'Else', saved_at: '2026-01-01T00:00:00.000Z' } },
      ],
    ]);
  });

  it('wait for half a minute where one device is there, and not for whoever comes and asks', async () => {
    connect('laptop');
    await save(1, 'Hello');
    await stage.clock.advance(29_000);
    expect(stage.calls.append).toBeUndefined();
    expect(await drafts()).toEqual({ [place(1)]: 'Hello' });
    expect(stage.calls.append).toBe(1);
    await stage.clock.advance(5_000);
    expect(stage.calls.append).toBe(1);
    await save(1, 'Hello again');
    await stage.clock.advance(31_000);
    expect(stage.calls.append).toBe(2);
  });

  it('wait no longer than two seconds once another device has come', async () => {
    connect('laptop');
    await save(1, 'Hello');
    connect('phone');
    await save(1, 'Hello again');
    await stage.clock.advance(2_100);
    expect(stage.calls.append).toBe(1);
    await stage.clock.advance(30_000);
    expect(stage.calls.append).toBe(1);
  });

  it('commit nothing that is as it was, and an empty one goes', async () => {
    await save(1, 'Hello');
    await stage.sync();
    await save(1, 'Hello');
    await save(2, '');
    await stage.clock.advance(31_000);
    expect(stage.calls.append).toBe(1);
    await save(1, '');
    expect(await drafts()).toEqual({});
  });

  it('are written before the actor goes elsewhere, and the last ones are lost with a crash', async () => {
    await save(1, 'kept');
    await stage.end('handoff');
    await save(2, 'lost');
    await stage.end('lost');
    expect(await drafts()).toEqual({ [place(1)]: 'kept' });
  });

  it('are committed once the store answers again', async () => {
    connect('laptop');
    connect('phone');
    await save(1, 'Hello');
    stage.away = true;
    await stage.clock.advance(20_000);
    stage.away = false;
    await stage.clock.advance(5_000);
    expect(await drafts()).toEqual({ [place(1)]: 'Hello' });
  });

  it('are a hundred at most: the oldest goes', async () => {
    for (let n = 0; n < 100; n++) {
      await save(n, `${n}`);
      await stage.clock.advance(10);
    }
    await stage.sync();
    await save(100, 'new');
    const found = await drafts();
    expect([Object.keys(found).length, found[place(0)], found[place(1)], found[place(100)]]).toEqual([100, undefined, '1', 'new']);
  });

  it('are committed in parts where they are too long for one commit', async () => {
    for (const device of ['laptop', 'phone']) connect(device);
    for (let n = 0; n < 12; n++) await save(n, '𝄞'.repeat(5_000));
    await stage.clock.advance(2_100);
    expect(stage.calls.append).toBeGreaterThan(1);
    expect(Object.keys(await drafts())).toHaveLength(12);
  });

  it("are nobody else's", async () => {
    const other = '0'.repeat(24);
    await expect(stage.ask('drafts', 'save', { place: place(1), content: 'x' }, other)).rejects.toMatchObject({ code: 'not_found' });
    await expect(stage.sync({}, other)).rejects.toMatchObject({ code: 'not_found' });
  });
});
