import { beforeEach, expect, test } from '@jest/globals';
import { Fault } from '../../../src/kernel/errors.js';
import { newId } from '../../../src/kernel/ids.js';
import { Stage } from './stage.js';

let stage: Stage;
/** What the thread's figures in the store say. */
const stored = async (): Promise<number> => (await stage.base.threads.byId(stage.thread))!.last_seq;

beforeEach(async () => {
  stage = await new Stage().open();
});

test('a change that comes alone is in the store within a second, and what gathers it', async () => {
  await stage.send('one');
  await stage.clock.advance(1_500);
  expect(await stored()).toBe(1);
  await stage.clock.advance(10_000);
  await stage.send('two');
  await stage.clock.advance(1_500);
  expect(await stored()).toBe(2);
});

test('those of a thread that changes all the time are written every three seconds, and the last of them too', async () => {
  let writes = 0;
  const setHeads = stage.base.threads.setHeads.bind(stage.base.threads);
  stage.base.threads.setHeads = (heads) => {
    writes += 1;
    return setHeads(heads);
  };
  for (let i = 0; i < 120; i++) {
    await stage.send(`${i}`, newId(i));
    await stage.clock.advance(100);
  }
  expect(writes).toBeGreaterThanOrEqual(4);
  expect(writes).toBeLessThanOrEqual(6);
  await stage.clock.advance(3_500);
  expect(await stored()).toBe(120);
});

test('a flush that the store does not take is tried again', async () => {
  const { reads } = stage.base;
  const raise = reads.raise.bind(reads);
  const cursor = async (): Promise<number | undefined> => (await reads.get(stage.thread, stage.owner))?.seq;
  reads.raise = () => Promise.reject(new Fault('unavailable'));
  await stage.send('one');
  await stage.clock.advance(1_500);
  expect(await cursor()).toBeUndefined();
  reads.raise = raise;
  await stage.clock.advance(2_500);
  expect(await cursor()).toBe(1);
});
