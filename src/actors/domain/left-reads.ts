import type { Store, ThreadRecord } from '../../store/contracts.js';
import { memberLedger } from '../ledger/names.js';
import { viewing } from './concern.js';

/** That are looked at in one read. */
const look = 500;

/**
 * How far somebody has read in a thread is left out of their ledger once they may not view the thread any more. Marked
 * are those alone whom it shows still, so that doing it again costs no writes. Records stay: whoever views it again
 * goes on from there.
 */
export class LeftReads {
  constructor(private readonly store: Pick<Store, 'threads' | 'communities' | 'memberships' | 'reads' | 'ledgers'>) {}

  /** Of everybody who may not view it. Answers whose were marked. */
  async ofThread(thread: ThreadRecord): Promise<string[]> {
    const { reads, ledgers } = this.store;
    const marked: string[] = [];
    for (let after: string | undefined; ; ) {
      const some = await reads.inThread(thread.id, after, look);
      const views = viewing(this.store);
      const isViewed = await Promise.all(some.map(({ member_id }) => views(thread, member_id)));
      const names = some
        .filter((_, at) => !isViewed[at])
        .map(({ member_id }) => ({ ledger: memberLedger(member_id), kind: 'read', key: thread.id }));
      const shown = new Set((names.length === 0 ? [] : await ledgers.named(names)).map(({ ledger }) => ledger));
      const those = some.filter(({ member_id }) => shown.has(memberLedger(member_id)));
      await reads.leaveOut(those);
      marked.push(...those.map(({ member_id }) => member_id));
      if (some.length < look) return marked;
      after = some.at(-1)!.member_id;
    }
  }

  /** Of one member in a community. Answers whether any was marked. */
  async ofMember(communityId: string, memberId: string): Promise<boolean> {
    const { reads, ledgers, threads } = this.store;
    let isAny = false;
    for (let after: string | null = null; ; ) {
      const items = await ledgers.ofKind(memberLedger(memberId), 'read', after, look);
      const there = items.filter(({ value }) => (value as { community_id: string }).community_id === communityId);
      const views = viewing(this.store);
      const found = there.length === 0 ? [] : await threads.byIds(there.map(({ key }) => key));
      const isViewed = await Promise.all(found.map((thread) => thread.deleted_at === null && views(thread, memberId)));
      const those = found.filter((_, at) => !isViewed[at]).map(({ id }) => ({ thread_id: id, member_id: memberId }));
      await reads.leaveOut(those);
      isAny ||= those.length > 0;
      if (items.length < look) return isAny;
      after = items.at(-1)!.key;
    }
  }
}
