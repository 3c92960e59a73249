import { expect, test } from '@jest/globals';
import { ThreadHeads } from '../../../src/actors/domain/community/thread-heads.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { newId } from '../../../src/kernel/ids.js';
import type { Thread } from '../../../src/protocol/resources.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';

const id = newId(1);
const open = { id, last_activity: new Date(0).toISOString() } as Thread;
const closed: Thread = { ...open, is_closed: true };

const opened = () => {
  const shown: boolean[] = [];
  const heads = new ThreadHeads(createMemoryStore({ clock: new FakeClock() }).threads, (_, isClosed) => void shown.push(isClosed));
  const show = async (thread: Thread, closings: number): Promise<boolean | undefined> => {
    heads.note(thread, closings);
    await heads.flush();
    return shown.at(-1);
  };
  return { heads, show };
};

test('figures from before a closing are for those alone who may view, whatever has been shown in between', async () => {
  const { heads, show } = opened();
  heads.closes(id, 1);
  expect(await show(open, 0)).toBe(true);
  heads.closes(id, 2);
  expect(await show(closed, 1)).toBe(true);
  expect(await show(open, 1)).toBe(true);
  expect(await show(closed, 2)).toBe(true);
});

test('figures from after a closing are believed: it was opened again, or it came to nothing', async () => {
  const { heads, show } = opened();
  heads.closes(id, 1);
  expect(await show(open, 1)).toBe(false);
  heads.closes(id, 2);
  heads.closes(id, 3);
  heads.closes(id, 2);
  expect(await show(open, 2)).toBe(true);
  expect(await show(open, 4)).toBe(false);
  expect(await show(open, 4)).toBe(false);
});
