import type { Guard } from './guard.js';

const worlds = 'tests/unit/no-trace/no-trace.test.ts';

/** Of `docs/delivery-semantics.md` those that keep a closed thread from leaving a trace with who may not view it. */
export const guardsOfClosedThreads: readonly Guard[] = [
  {
    name: 'closed: events for an audience',
    keeps: 'a community from hearing of its closed threads',
    file: 'src/actors/domain/thread/news.ts',
    tests: [worlds],
    on: 'const options = this.isClosed ? { audience: this.thread().id } : {};',
    off: 'const options = {};',
  },
  {
    name: 'closed: heads for an audience',
    keeps: 'where closed threads stand from being told to everybody',
    file: 'src/actors/domain/community/head-news.ts',
    tests: [worlds],
    on: 'this.#publish([head], head.thread_id);',
    off: 'this.#publish([head]);',
  },
  {
    name: 'closed: heads told by themselves',
    keeps: 'what is said in a closed thread from moving what others hear',
    file: 'src/actors/domain/community/head-news.ts',
    tests: ['tests/unit/heads/head-news.test.ts'],
    on: 'this.#waiting.delete(id);\n      this.#tellClosed(head);',
    off: 'this.#waiting.set(id, head);',
  },
  {
    name: 'closed: lists for an audience',
    keeps: 'closed threads from being listed to everybody',
    file: 'src/features/threads/threads.ts',
    tests: [worlds],
    on: 'listByCommunity(communityId, slice, audienceOf(access))',
    off: "listByCommunity(communityId, slice, 'everybody')",
  },
  {
    name: 'closed: activity in the open alone',
    keeps: 'what happens in closed threads from bringing their community forward',
    file: 'src/store/memory/threads.ts',
    tests: ['tests/unit/gateway/two-worlds.test.ts'],
    on: '!communityIds.includes(community_id) || closure(thread)) continue;',
    off: '!communityIds.includes(community_id)) continue;',
  },
  {
    name: 'closed: notifications for who may view',
    keeps: 'a mention in a closed thread from ringing outside it',
    file: 'src/store/closing.ts',
    tests: [worlds],
    on: 'return community ? isSeenBy(community.id, audienceIn(community, membership, membership.member_id), closure) : false;',
    off: 'return true;',
  },
  {
    name: 'closed: decided before it is entered',
    keeps: 'a closed thread from costing another than one that never was',
    file: 'src/gateway/places.ts',
    tests: [worlds],
    on: '|| !mayView(thread, community, membership, memberId)) throw',
    off: '|| (mayView, false)) throw',
  },
  {
    name: 'closed: who came in is forgotten',
    keeps: 'a closed thread from costing another than one that never was, for who was let in until now',
    file: 'src/roles/compose.ts',
    tests: [worlds],
    on: 'hub?.announcements.on(kind, (what) => places.forget(what));',
    off: 'void kind;',
  },
];
