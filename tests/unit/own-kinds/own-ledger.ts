import { memberLedger } from '../../../src/actors/ledger/names.js';
import type { LedgerItem } from '../../../src/protocol/ledgers.js';
import type { LedgerCommit } from '../../../src/store/contracts.js';
import type { Person, RestHouse } from '../gateway/rest-house.js';

/** What was committed to somebody's ledger `me`, in order, numbered as if nothing had been copied to it between. */
export const commitsOf = async (house: RestHouse, { id }: Person): Promise<LedgerCommit[]> =>
  (await house.store.ledgers.commitsAfter(memberLedger(id), 0, 10_000))
    .filter(({ operation }) => operation !== 'copy')
    .map((commit, at) => ({ ...commit, rev: at + 1 }));

/** What a device that knows nothing is given of one kind: keys with their values. */
export const freshOf = async (house: RestHouse, by: Person, kind: string): Promise<Record<string, unknown>> => {
  const found: LedgerItem[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { body } = await house.ask('GET', `/api/ledgers/me${cursor ? `?cursor=${cursor}` : ''}`, { by });
    found.push(...body.items);
    cursor = body.next_cursor;
  }
  return Object.fromEntries(found.flatMap((item) => (item.kind === kind && 'value' in item ? [[item.key, item.value]] : [])));
};

/** The same person on another device. */
export const secondDevice = async (house: RestHouse, { username, ...person }: Person): Promise<Person> => {
  const { body } = await house.ask('POST', '/api/auth/login', { body: { login: username, password: 'correct horse' } });
  return { ...person, username, token: body.access_token, refresh: body.refresh_token };
};

/** JSON that is nested so deep. */
export const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
