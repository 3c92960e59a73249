import type { Guard } from './guard.js';

const copies = { file: 'src/actors/ledger/copies.ts', tests: ['tests/unit/actors/ledger/copies.property.test.ts'] };
const sources = { file: 'src/actors/domain/user/copied.ts', tests: ['tests/unit/ledgers/copied.test.ts'] };
const marks = ['tests/unit/domain/read-marks.test.ts'];
const gathered = ['tests/unit/ledgers/read-marks.test.ts'];
const threads = {
  file: 'src/actors/domain/community/thread-items.ts',
  tests: ['tests/unit/communities/threads.test.ts', 'tests/unit/communities/threads.property.test.ts'],
};
const ofInvites = ['tests/unit/invites/ledger.property.test.ts'];
const owners = ['tests/unit/domain/owner-news.test.ts'];
const stores = { tests: ['tests/conformance/store/untold.test.ts'], services: true };

/** Of `docs/delivery-semantics.md` those that keep copies in ledgers equal to their records. */
export const guardsOfCopiedKinds: readonly Guard[] = [
  {
    name: 'copied: a fence',
    keeps: 'a decision upon an older record from landing behind what was copied since',
    ...copies,
    on: 'const isFence = this.#parts.isDoubtful();',
    off: 'const isFence = false;',
  },
  {
    name: 'copied: an owner that is one',
    keeps: 'an owner that has lost its place from taking what it remembers for what the ledger shows',
    file: copies.file,
    tests: ['tests/unit/actors/ledger/copies.test.ts'],
    on: 'if (context.isLost) return false;',
    off: '',
  },
  {
    name: 'copied: only this mark',
    keeps: 'a write from being taken for told with the one before it',
    file: 'src/store/memory/untold.ts',
    tests: copies.tests,
    on: 'if (this.#marked.get(name)?.mark === mark) this.#marked.delete(name);',
    off: 'this.#marked.delete(name);',
  },
  {
    name: 'copied: a mark in the write',
    keeps: 'a crash behind the write of a membership from leaving its copy as it was',
    file: 'src/store/mongo/memberships.ts',
    ...stores,
    on: 'changesTo({ ...rest, ...newMark() }), { upsert: isFirst }',
    off: 'changesTo(rest), { upsert: isFirst }',
  },
  {
    name: 'copied: what was copied is told, no more',
    keeps: 'what found no room in a commit from being forgotten',
    file: copies.file,
    tests: sources.tests,
    on: 'source.records.told(subject, done);',
    off: 'source.records.told(subject, those);',
  },
  {
    name: 'copied: sessions that expired',
    keeps: 'sessions that the store removed from being shown for ever',
    ...sources,
    on: 'keys.filter((key) => !living.has(key))',
    off: 'keys.filter(() => false)',
  },
  {
    name: 'copied: the window',
    keeps: 'notifications of years from being read with every snapshot',
    ...sources,
    on: '.filter((key) => key < oldest)',
    off: '.filter(() => false)',
  },
  {
    name: 'copied: a mark in the write of a mark',
    keeps: 'a crash behind the write of how far one has read from leaving its copy as it was',
    file: 'src/store/mongo/reads.ts',
    ...stores,
    on: '[{ $or: [isHigher, { $and: [isSame, isQuiet] }] }, newMark()',
    off: '[false, newMark()',
  },
  {
    name: 'copied: what one sends writes no ledger',
    keeps: 'a commit of a ledger from following each message',
    file: 'src/actors/domain/thread/read-cursors.ts',
    tests: marks,
    on: '{ ...this.#record(memberId, seq), is_quiet: true });',
    off: 'this.#record(memberId, seq));',
  },
  {
    name: 'copied: what was quiet is marked',
    keeps: 'a thread in which one has spoken from staying unread on the other device for ever',
    file: 'src/actors/domain/thread/read-cursors.ts',
    tests: ['tests/unit/domain/read-cursors.test.ts'],
    on: 'const isKnown = !isFree && !isQuiet &&',
    off: 'void isQuiet; const isKnown = !isFree &&',
  },
  {
    name: 'copied: one look more after the last hint',
    keeps: 'marks whose hint was left out from waiting for the sweep',
    file: copies.file,
    tests: gathered,
    on: 'if (isMore || isHinted) this.#dueIn(source);',
    off: 'if (isMore) this.#dueIn(source);',
  },
  {
    name: 'copied: marks that may be viewed',
    keeps: 'a thread that was lost, or deleted, from being told of',
    file: sources.file,
    tests: gathered,
    on: 'thread.deleted_at === null && (await views(thread, memberId))',
    off: 'thread.deleted_at === null || (await views(thread, memberId))',
  },
  {
    name: 'copied: invites by what is stored then',
    keeps: 'an owner that is none any more from putting an older invite over a newer one',
    file: 'src/features/invites/copies.ts',
    tests: ofInvites,
    on: 'const latest = record && (await uses.find(',
    off: 'const latest = record && before === undefined && (await uses.find(',
  },
  {
    name: 'copied: invites after a write without an answer',
    keeps: 'a use that landed late from being missing in the ledger',
    file: 'src/features/invites/copies.ts',
    tests: ofInvites,
    on: 'this.#isCompared = this.#context.clock.monotonic() >= this.#unsureUntil;',
    off: 'this.#isCompared = true; void this.#unsureUntil;',
  },
  {
    name: 'copied: invites of an owner before',
    keeps: 'what an owner before wrote from waiting for somebody who asks',
    file: 'src/actors/domain/community/actor.ts',
    tests: ['tests/unit/invites/ledger.test.ts'],
    on: 'if (this.#living) await this.#ledgers.lookAgain();',
    off: '',
  },
  {
    name: 'copied: for whoever holds the permission',
    keeps: 'invites from being told to every member',
    file: 'src/actors/domain/community/permission-ledgers.ts',
    tests: ['tests/unit/invites/ledger.test.ts'],
    on: '!has(held(asker, this.#parts.context.clock.now()), permission)',
    off: '(void held, void has, false)',
  },
  {
    name: 'copied: rooms of whoever has lost the permission',
    keeps: 'invites from being told to whoever may see them no more',
    file: 'src/gateway/socket/ledger-rechecks.ts',
    tests: ['tests/unit/gateway-socket/ledger-rooms.test.ts'],
    on: 'subscriber.leave(room);',
    off: '',
  },
  {
    name: 'copied: owners one by one',
    keeps: 'a second hand-over from hiding the first',
    file: 'src/actors/domain/community/standings.ts',
    tests: owners,
    on: 'await this.ownerNews.settle();',
    off: '',
  },
  {
    name: 'copied: owners after a crash',
    keeps: 'a crash behind the write of the owner from leaving two who are shown as owners',
    file: 'src/actors/domain/community/commits.ts',
    tests: owners,
    on: 'if (record.untold !== undefined) this.#parts.owed();',
    off: '',
  },
  {
    name: 'copied: a thread that is closed is not named',
    keeps: 'a trace of a closed thread from standing in what everybody may read',
    ...threads,
    on: 'fence: (record) => (record?.scope_since === undefined ? null : this.#somethingElse()),',
    off: '',
  },
  {
    name: 'copied: nobody hears of a closing before it is one',
    keeps: 'a thread from standing in what everybody may read when whoever closed it was told that it is closed',
    file: 'src/actors/domain/thread/actor.ts',
    tests: threads.tests,
    on: 'const mustShow = this.#news.isClosed',
    off: 'const mustShow = this.#record.id === "" && this.#news.isClosed',
  },
  {
    name: 'copied: a mark in the write of a thread',
    keeps: 'a crash behind the write of a thread from leaving its copy as it was',
    file: 'src/store/mongo/threads.ts',
    ...stores,
    on: '...(changesItem(patch) && newMark())',
    off: '',
  },
];
