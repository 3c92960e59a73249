import type { LedgersFigures, LedgersOrder } from '../costs/ledgers-process.js';
import { Child } from '../processes/child.js';
import { rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';

/** 16: what commits of ledgers and catching up with them cost on the store. */
export const ledgers: Workload = {
  id: 16,
  name: 'ledgers',
  steps: 1,
  needs: {},
  mostMinutes: 4,
  async run(stage: Stage): Promise<Row[]> {
    stage.step('commits and syncs');
    const { services } = stage;
    const order: LedgersOrder = {
      ...{ mongoUrl: services.mongoUrl, database: services.freshName() },
      ...{ seconds: stage.pick(10, 1), atOnce: stage.pick(64, 8) },
    };
    const child = Child.start(new URL('../costs/ledgers-process.ts', import.meta.url), 'ledgers');
    let found: LedgersFigures;
    try {
      found = await child.call<LedgersFigures>('run', order);
    } finally {
      await child.end();
    }
    const row = (name: string, unit: string, figure: number, peer: number | null = null, note = ''): Row =>
      rowOf({ id: 16, name: `ledgers: ${name}`, unit, figure, peer, notes: [note, ...stage.noises] });
    return [
      row('commits of one', '/s', found.alone, null, 'each follows upon the answer to the one before'),
      row(
        `commits of ${order.atOnce} at once`,
        '/s',
        found.together,
        found.raw,
        'peer: the driver inserts the same documents, each alone; ours also stores the items',
      ),
      row('a sync without news', 'ms', found.nothing),
      row('a sync of 50 changes', 'ms', found.changes, null, 'from the store: the owner has just come to life'),
      row('a sync of all, 300 items', 'ms', found.snapshot),
      row('syncs of members who come back at once', '/s', found.returning, null, 'one change each, at owners that know nothing yet'),
    ];
  },
};
