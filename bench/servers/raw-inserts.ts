import { Child } from '../processes/child.js';
import type { BenchServices } from './bench-services.js';
import type { RawInsertsOrder } from './raw-inserts-process.js';

/** Messages a second that the driver stores by insertMany(500), alone on the server. */
export const rawInserts = async (
  services: BenchServices,
  options: Pick<RawInsertsOrder, 'seconds' | 'atOnce' | 'indexes'>,
): Promise<number> => {
  const child = Child.start(new URL('./raw-inserts-process.ts', import.meta.url), 'raw inserts');
  try {
    const order: RawInsertsOrder = { ...options, mongoUrl: services.mongoUrl, database: services.freshName() };
    return await child.call<number>('run', order);
  } finally {
    await child.end();
  }
};
