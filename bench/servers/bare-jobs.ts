import { Child } from '../processes/child.js';
import type { BareJobsOrder } from './bare-jobs-process.js';
import type { BenchServices } from './bench-services.js';

/** Messages a second that bare BullMQ indexes, a job each, in a process of its own. */
export const bareJobs = async (services: BenchServices, options: Pick<BareJobsOrder, 'jobs' | 'pace' | 'atOnce'>): Promise<number> => {
  const child = Child.start(new URL('./bare-jobs-process.ts', import.meta.url), 'bare BullMQ');
  try {
    const { redisUrl, mongoUrl } = services;
    return await child.call<number>('run', { ...options, redisUrl, mongoUrl, name: services.freshName() } satisfies BareJobsOrder);
  } finally {
    await child.end();
  }
};
