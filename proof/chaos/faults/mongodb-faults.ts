import type { Fault } from './fault.js';

export const stopMongodb: Fault = async ({ site, sleep }) => {
  site.haltMongodb();
  try {
    await sleep(30_000);
  } finally {
    site.thawMongodb();
  }
};

export const killMongodb: Fault = async ({ site, sleep }) => {
  await site.killMongodb();
  try {
    await sleep(5_000);
  } finally {
    await site.startMongodb();
  }
};
