import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LedgerItem } from '../../../src/protocol/ledgers.js';
import { type Person, RestHouse } from '../gateway/rest-house.js';

interface Update {
  path: string;
  ledger: string;
  kind: string;
  key: string;
  /** What is asked for one after the other: three that differ. */
  bodies: [object, object, object];
}

describe('an update of an item, by what one knows of it', () => {
  let house: RestHouse;
  let ada: Person;
  let community: string;
  let role: string;
  beforeEach(async () => {
    house = await RestHouse.open();
    ada = await house.person();
    community = (await house.ask('POST', '/api/communities', { by: ada, body: { name: 'Garden' } })).body.id;
    role = (await house.ask('POST', `/api/communities/${community}/roles`, { by: ada, body: { name: 'Digger' } })).body.id;
  });
  afterEach(() => house.close());

  const cases: Record<string, (community: string, role: string) => Update> = {
    put_setting: () => ({
      ...{ path: '/api/settings/theme', ledger: 'me', kind: 'setting', key: 'theme' },
      bodies: [{ value: 'dark' }, { value: 'light' }, { value: null }],
    }),
    set_place_order: (id) => ({
      ...{ path: '/api/place_order', ledger: 'me', kind: 'place_order', key: 'order' },
      bodies: [{ places: [`community:${id}`] }, { places: [`thread:${id}`] }, { places: [] }],
    }),
    set_notification_level: (id) => ({
      ...{ path: `/api/notification_levels/community:${id}`, ledger: 'me', kind: 'notification_level', key: `community:${id}` },
      bodies: [{ level: 'none' }, { level: 'mentions' }, { level: 'all' }],
    }),
    update_community: (id) => ({
      ...{ path: `/api/communities/${id}`, ledger: `community:${id}`, kind: 'community', key: id },
      bodies: [{ name: 'Orchard' }, { name: 'Grove' }, { name: 'Wood' }],
    }),
    update_role: (id, role) => ({
      ...{ path: `/api/communities/${id}/roles/${role}`, ledger: `community:${id}`, kind: 'role', key: role },
      bodies: [{ name: 'Picker' }, { name: 'Pruner' }, { name: 'Sower' }],
    }),
  };

  it.each(Object.keys(cases))('%s is done when it is that, and answers the present item when it is not', async (name) => {
    const { path, ledger, kind, key, bodies } = cases[name]!(community, role);
    const method = name.startsWith('update') ? 'PATCH' : 'PUT';
    const update = (body: object, if_rev: number) => house.ask(method, path, { by: ada, body: { ...body, if_rev } });
    const item = async (): Promise<LedgerItem | undefined> => {
      const { items } = (await house.ask('GET', `/api/ledgers/${ledger}`, { by: ada })).body as { items: LedgerItem[] };
      return items.find((one) => one.kind === kind && one.key === key);
    };
    const first = await item();
    const known = first?.rev ?? 0;
    // Knowing too much, where there is none too.
    const early = await update(bodies[0], known + 7);
    expect([early.status, early.body.code]).toEqual([409, 'conflict']);
    expect(early.body.item).toEqual(first ?? { kind, key, rev: 0, deleted: true });
    expect(await item()).toEqual(first);

    expect((await update(bodies[0], known)).status).toBe(200);
    const second = (await item())!;
    expect(second.rev).toBeGreaterThan(known);
    const late = await update(bodies[1], known);
    expect([late.status, late.body.item]).toEqual([409, second]);
    // What is so already is done: the same call again, whose answer was lost, is no conflict.
    expect((await update(bodies[0], known)).status).toBe(200);
    expect(await item()).toEqual(second);

    expect((await update(bodies[1], second.rev)).status).toBe(200);
    expect((await update(bodies[2], (await item())!.rev)).status).toBe(200);
    // Without it nothing is asked.
    expect((await house.ask(method, path, { by: ada, body: bodies[0] })).status).toBe(200);
  });

  it('is for nobody else to come by: who may not change it is told so first', async () => {
    const other = await house.person();
    await house.ask('POST', `/api/communities/${community}/join`, { by: other });
    const { status, body } = await house.ask('PATCH', `/api/communities/${community}`, { by: other, body: { name: 'Mine', if_rev: 0 } });
    expect([status, body.code, body.item]).toEqual([403, 'forbidden', undefined]);
  });

  it('refuses what is no rev', async () => {
    for (const if_rev of [-1, 1.5, '3', null]) {
      const { body } = await house.ask('PUT', '/api/settings/theme', { by: ada, body: { value: 1, if_rev } });
      expect([body.code, body.errors?.[0]?.path]).toEqual(['validation_failed', 'if_rev']);
    }
  });
});
