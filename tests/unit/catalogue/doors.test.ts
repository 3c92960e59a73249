import { expect, test } from '@jest/globals';
import type { FeaturePorts } from '../../../src/catalogue/feature-ports.js';
import { Invoke } from '../../../src/catalogue/invoke.js';
import { doors, opensAt } from '../../../src/catalogue/operation.js';
import { features } from '../../../src/features/index.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { caller, member } from './operations.js';

const all = features.flatMap((feature) => feature.operations.map(({ operation }) => operation));
const id = '665f1c2ab3d4e5f60718293a';
/** For fields that are needed and named by no id. */
const others: Record<string, string> = { place: `thread:${id}`, key: 'theme', ledger: 'me' };

/** Everything that a call of it passes on its way, in order, and how it ends. */
const wayThrough = async (operation: (typeof all)[number], door: (typeof doors)[number], more: object): Promise<unknown[]> => {
  const steps: unknown[] = [];
  const invoke = new Invoke({
    limiter: {
      spend: async (limit, who, points = 1) => {
        steps.push(['spend', points, limit, who.member_id === undefined ? 'by address' : 'by member']);
        return null;
      },
    },
    shedder: { demand: (work) => void steps.push(['shed', work]), sheds: () => false, onEased: () => undefined },
    places: {
      enter: () => undefined,
      standing: async (place) => {
        steps.push(['standing', place]);
        return { ...member, role: 'owner' };
      },
    },
    clock: new FakeClock(),
    ports: {} as FeaturePorts,
  });
  const named = Object.fromEntries(
    Object.keys(operation.input.shape).flatMap((field) =>
      field.endsWith('_id') ? [[field, id]] : field in others ? [[field, others[field]]] : [],
    ),
  );
  const run = async ({ input }: { input: unknown }) => void steps.push(['run', input]);
  const request = {
    door,
    origin: { address: '192.0.2.1', request_id: 'r', user_agent: null },
    identify: () => ({ ...caller, member_id: id }),
    read: () => ({ ...named, ...operation.example, ...more }),
  };
  await invoke.carryOut({ operation, run } as never, request).catch((thrown: unknown) => {
    const { code, message, errors } = Fault.from(thrown);
    steps.push(['refused', code, message, errors]);
  });
  return steps;
};

test.each(all)('$name passes the same through every door: load, limit, permission, input and refusal', async (operation) => {
  const open = doors.filter((door) => opensAt(operation, door));
  expect(open.length).toBeGreaterThan(0);
  for (const more of [{}, { of_no_operation: 1 }]) {
    const ways = await Promise.all(open.map((door) => wayThrough(operation, door, more)));
    for (const way of ways) expect(way).toEqual(ways[0]);
    expect(ways[0]!.at(-1)).toEqual([Object.keys(more).length === 0 ? 'run' : 'refused', ...(ways[0]!.at(-1) as unknown[]).slice(1)]);
    expect(ways[0]!.filter((step) => (step as string[])[0] === 'spend').length).toBeGreaterThan(0);
  }
});
