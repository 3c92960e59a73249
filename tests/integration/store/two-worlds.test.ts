import { expect, test } from '@jest/globals';
import { backends } from '../../conformance/store/backends.js';
import { askEverything, type Plan, type Said, type Standing, settle, words, worldOf } from '../../unit/gateway/two-worlds.js';

const standings: Standing[] = ['member', 'member', 'open', 'left', 'banned', 'outside', 'outside'];
const isHidden = (standing: Standing): boolean => standing === 'left' || standing === 'banned' || standing === 'outside';

/** Much of everything, the same every time. */
const plan: Plan = {
  communities: standings,
  said: Array.from({ length: 240 }, (_, at): Said => {
    const text = [words[at % 4], words[(at * 7) % 3], at % 11 ? 'talk' : 'of a rare kind'].join(' ');
    const one: Said = { community: (at * 5) % 7, thread: at % 2, by: at % 3 ? 'author' : 'other', text };
    return at % 13 === 4 ? { ...one, was: 'whale of old', gone: at % 2 === 0 } : one;
  }),
};

test.each(backends)(
  'in $name, worlds that differ in what is hidden answer alike and make the same calls of the store',
  async ({ open }) => {
    const opened = await Promise.all([open(), open()]);
    try {
      const [all, some] = await Promise.all([worldOf(opened[0].store, 1, plan, () => false), worldOf(opened[1].store, 1, plan, isHidden)]);
      for (const limit of [4, 50]) expect(await askEverything(all, limit)).toEqual(await askEverything(some, limit));
      await Promise.all([settle(opened[0].store, all, plan), settle(opened[1].store, some, plan)]);
      expect(await askEverything(all, 20)).toEqual(await askEverything(some, 20));
      await Promise.all([all.stop(), some.stop()]);
    } finally {
      await Promise.all(opened.map(({ close }) => close()));
    }
  },
);

test.each(backends)('in $name, so do worlds that differ in closed threads alone', async ({ open }) => {
  const communities = standings.slice(0, 3);
  const said = plan.said.map((one, at) => ({ ...one, community: at % 3, thread: (at * 5) % 3 }));
  const opened = await Promise.all([open(), open()]);
  try {
    const [all, some] = await Promise.all([
      worldOf(opened[0].store, 2, { communities, said, closed: 'to all but the author' }, () => false),
      worldOf(opened[1].store, 2, { communities, said }, () => false),
    ]);
    for (const limit of [4, 50]) expect(await askEverything(all, limit)).toEqual(await askEverything(some, limit));
    await Promise.all([all.stop(), some.stop()]);
  } finally {
    await Promise.all(opened.map(({ close }) => close()));
  }
});
