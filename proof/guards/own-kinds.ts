import type { Guard } from './guard.js';

const kinds = 'tests/unit/own-kinds';

/** What keeps the kinds that members own right: who may, what counts, how much there is. */
export const guardsOfOwnKinds: readonly Guard[] = [
  {
    name: 'kinds: levels are heeded',
    keeps: 'a muted place from ringing',
    file: 'src/workers/notify.ts',
    tests: ['tests/unit/workers/levels.test.ts'],
    on: 'const told = await wantedOf(this.store, members, now);',
    off: 'const told = members; void wantedOf;',
  },
  {
    name: 'kinds: a level says nothing of what one may not view',
    keeps: 'a closed thread from being found out by a level',
    file: 'src/features/notification-levels/feature.ts',
    tests: [`${kinds}/notification-levels.test.ts`],
    on: "'view', clock.now());",
    off: "'view', clock.now()) && undefined;",
  },
  {
    name: 'kinds: a level costs as much where nothing is',
    keeps: 'a closed thread from costing another than one that never was',
    file: 'src/features/notification-levels/feature.ts',
    tests: [`${kinds}/notification-levels-cost.test.ts`],
    on: 'await places.enter(place, memberId);',
    off: '',
  },
  {
    name: 'kinds: a level counts once it is answered',
    keeps: 'a mute from being answered before workers see it',
    file: 'src/features/notification-levels/commands.ts',
    tests: [`${kinds}/notification-levels-rung.test.ts`],
    on: '    await this.#ledger.projected();\n    return null;',
    off: '    return null;',
  },
  {
    name: 'kinds: saved messages ask the place',
    keeps: 'what one may not read any more from being listed',
    file: 'src/features/saved/saved-list.ts',
    tests: [`${kinds}/saved.test.ts`],
    on: '|| !(await sight.allowsThread(thread))) continue;',
    off: '|| (sight, false)) continue;',
  },
  {
    name: 'kinds: pages of saved messages are of what is shown',
    keeps: 'the length of a page from telling of what is left out',
    file: 'src/features/saved/saved-list.ts',
    tests: [`${kinds}/saved.test.ts`],
    on: 'at < listed.length && found.length <= limit; at += part) found.push(...(await shows(listed.slice(at, at + part))));',
    off: 'at < 1; at += part) found.push(...(await shows(listed.slice(0, limit))));',
  },
  {
    name: 'kinds: what may not be read is not saved',
    keeps: 'a message of a closed thread from being saved',
    file: 'src/features/saved/feature.ts',
    tests: [`${kinds}/saved.test.ts`],
    on: '.demandThread(ports.store, message.thread_id);',
    off: '.demandThread(ports.store, message.thread_id).catch(() => ({ thread: { id: message.thread_id, community_id: message.community_id } }));',
  },
  {
    name: 'kinds: so many settings',
    keeps: 'a member from filling the store with settings',
    file: 'src/features/settings/commands.ts',
    tests: [`${kinds}/settings.test.ts`],
    on: '.length >= settingBounds.settings)',
    off: '.length > 10 * settingBounds.settings)',
  },
  {
    name: 'kinds: the same again is no commit',
    keeps: 'devices that say the same from waking each other',
    file: 'src/features/settings/commands.ts',
    tests: [`${kinds}/settings.test.ts`],
    on: 'if (before && JSON.stringify(before.value) === JSON.stringify(value)) return null;',
    off: '',
  },
];
