import { IndexedLedgerStore } from '../../src/client/ledgers/indexed-store.js';
import { type TabLeader, webTab } from '../../src/client/ledgers/tab-leader.js';
import { delta, setting, storeCases, whole } from '../unit/client-ledgers/store-cases.js';

/** What a page of the tests can do with the browser's own store, locks and channels: bundled, and called from the test. */
export interface LedgerPage {
  runCase(name: string): Promise<void>;
  /** Saves one state after the other, each of ten items of its rev, until the page ends. */
  saveOnAndOn(): void;
  /** Up to where saves were acknowledged. */
  acknowledged: number;
  /** The rev that is stored, and the different revs of its items. */
  stored(): Promise<[rev: number, revs: number[]] | null>;
  dropAll(): Promise<void>;
  databases(): Promise<string[]>;
  openTab(): void;
  isLeading(): boolean;
  tell(ledger: string): void;
  told: string[];
}

declare global {
  var ledgerPage: LedgerPage;
}

let cases = 0;
let tab: TabLeader | undefined;
const store = new IndexedLedgerStore('ann', indexedDB);
const items = (rev: number) => Array.from({ length: 10 }, (_, n) => setting(`${n}`, rev));

const page: LedgerPage = {
  runCase: async (name) => storeCases[name]?.((bounds) => new IndexedLedgerStore(`case ${cases++}`, indexedDB, bounds)),
  saveOnAndOn() {
    const next = async (rev: number): Promise<void> => {
      await store.save(rev === 1 ? whole('me', rev, items(rev)) : delta('me', rev - 1, rev, items(rev)));
      page.acknowledged = rev;
      return next(rev + 1);
    };
    void next(1);
  },
  acknowledged: 0,
  async stored() {
    const kept = await store.load('me');
    return kept && [kept.rev, [...new Set(kept.items.map(({ rev }) => rev))]];
  },
  dropAll: () => store.dropAll(),
  databases: async () => (await indexedDB.databases()).map(({ name }) => name ?? ''),
  openTab() {
    tab = webTab('ann');
    tab.onTold((message) => message.type === 'gone' && page.told.push(message.ledger));
  },
  isLeading: () => tab?.isLeading ?? false,
  tell: (ledger) => tab?.tell({ type: 'gone', ledger }),
  told: [],
};
globalThis.ledgerPage = page;
