import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressBlock, addressSite } from '../../../src/gateway/address-block.js';
import { FairRoom } from '../../../src/gateway/limits/fair-room.js';

interface Guest {
  readonly block: string;
  readonly n: number;
}
const bounds = { total: 20, perAddress: 8, perSite: 12 };

const room = () => {
  const evicted: Guest[] = [];
  let n = 0;
  const fair = new FairRoom<Guest>(bounds, (guest) => void evicted.push(guest));
  const come = (address: string): { guest: Guest; isIn: boolean } => {
    const guest = { block: addressBlock(address), n: n++ };
    return { guest, isIn: fair.enter(guest) };
  };
  const fill = (address: string, count: number): number =>
    Array.from({ length: count }, () => come(address)).filter(({ isIn }) => isIn).length;
  return { fair, evicted, come, fill };
};

describe('a fair room', () => {
  test('an address has so many places, and a site so many over all its addresses', () => {
    const { fill } = room();
    expect([fill('10.0.0.1', 30), fill('2001:db8:1:1::1', 30), fill('2001:db8:1:2::1', 30), fill('2001:db8:2:1::1', 1)]).toEqual([
      8, 8, 4, 1,
    ]);
  });

  test('a full room gives the newcomer the oldest place of the largest holder, which itself gets no more', () => {
    const { come, evicted, fill } = room();
    expect([fill('10.0.0.1', 8), fill('10.0.0.2', 8), fill('10.0.0.3', 4)]).toEqual([8, 8, 4]);
    expect(come('10.0.0.9').isIn).toBe(true);
    expect(evicted.map(({ n }) => n)).toEqual([0]);
    expect(fill('10.0.0.1', 5)).toBe(0);
  });

  test('equals do not drive each other out', () => {
    const { come, evicted } = room();
    for (let n = 0; n < 20; n++) expect(come(`10.0.0.${n}`).isIn).toBe(true);
    expect(come('10.0.1.1').isIn).toBe(false);
    expect(evicted).toEqual([]);
  });

  test('one customer with a whole /48 is one holder', () => {
    const { come, fill } = room();
    for (let n = 0; n < 12; n++) expect(come(`2001:db8:1:${n}::1`).isIn).toBe(true);
    expect(come('2001:db8:1:ffff::1').isIn).toBe(false);
    expect([fill('10.0.0.1', 8), come('10.0.0.2').isIn]).toEqual([8, true]);
  });

  test('whoever comes and goes: never more than may be, and a newcomer from an address without any is let in while any site holds two', () => {
    const addresses = [
      '10.0.0.1',
      '10.0.0.2',
      '2001:db8:1:1::1',
      '2001:db8:1:2::1',
      '2001:db8:2:1::1',
      ...Array.from({ length: 30 }, (_x, i) => `10.1.0.${i}`),
    ];
    const steps = fc.array(fc.oneof(fc.constantFrom(...addresses), fc.nat(60)), { maxLength: 300 });
    fc.assert(
      fc.property(steps, (all) => {
        const { fair, evicted, come } = room();
        const inside = new Set<Guest>();
        for (const step of all) {
          if (typeof step === 'number') {
            const guest = [...inside][step];
            if (guest) fair.leave(guest);
            if (guest) inside.delete(guest);
          } else {
            const site = addressSite(addressBlock(step));
            const held = (of: string): number => [...inside].filter(({ block }) => addressSite(block) === of).length;
            const before = held(site);
            const crowded = [...inside].some(({ block }) => held(addressSite(block)) > 1);
            const { guest, isIn } = come(step);
            for (const gone of evicted.splice(0)) inside.delete(gone);
            if (isIn) inside.add(guest);
            if (before === 0 && (inside.size < bounds.total || crowded)) expect(isIn).toBe(true);
          }
          expect(fair.size).toBe(inside.size);
          expect(inside.size).toBeLessThanOrEqual(bounds.total);
          const counts = (key: (block: string) => string): number[] => {
            const by = new Map<string, number>();
            for (const { block } of inside) by.set(key(block), (by.get(key(block)) ?? 0) + 1);
            return [...by.values()];
          };
          expect(Math.max(0, ...counts((block) => block))).toBeLessThanOrEqual(bounds.perAddress);
          expect(Math.max(0, ...counts(addressSite))).toBeLessThanOrEqual(bounds.perSite);
        }
      }),
      { numRuns: 60 },
    );
  });
});
