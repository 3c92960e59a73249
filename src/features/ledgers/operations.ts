import { z } from 'zod';
import { communityAddress, type GetAccess } from '../../actors/domain/community/messages.js';
import type { SyncLedger } from '../../actors/ledger/messages.js';
import type { SyncAnswer, SyncAsk } from '../../actors/ledger/sync.js';
import { has } from '../../authority/bits.js';
import { nothingThere } from '../../authority/decide.js';
import { held } from '../../authority/held.js';
import type { Permission } from '../../authority/permissions.js';
import { bind, type Context } from '../../catalogue/bound.js';
import type { Caller } from '../../catalogue/caller.js';
import { cursorOf } from '../../catalogue/cursor.js';
import type { FeaturePorts } from '../../catalogue/feature-ports.js';
import { thread } from '../../catalogue/place.js';
import { Fault } from '../../kernel/errors.js';
import type { LedgerPage } from '../../protocol/ledgers.js';
import { ledgerRoom } from '../../protocol/rooms.js';
import { syncLedger, syncLedgers } from './contract.js';
import { type LedgerPlace, ledgerPlace } from './places.js';

/**
 * So long owners are waited for, ms: together less than clients wait for the whole answer, so that they hear of the
 * other ledgers.
 */
const patienceMs = { standing: 1_500, sync: 3_000 };

const snapshot = cursorOf(
  z.strictObject({
    start: z.int().min(0),
    ...{ kind: z.string().max(64), key: z.string().max(256) },
    ...{ below: z.int().min(0).optional(), given: z.int().min(0).optional() },
  }),
);

type Ask = SyncAsk & { as_member?: true };

const ask = ({ actors }: FeaturePorts, { member_id }: Caller, { owner, stored }: LedgerPlace, what: Ask): Promise<SyncAnswer> =>
  actors.ask<SyncLedger>(owner, { type: 'sync_ledger', by: member_id, ledger: stored, ...what }, { timeoutMs: patienceMs.sync });

/** A closed thread is there for whoever may view it: to everybody else it costs what one costs that never was. */
const enter = async ({ places }: FeaturePorts, { member_id }: Caller, { thread: id }: LedgerPlace): Promise<void> => {
  if (id !== undefined) await places.enter(thread(id), member_id);
};

/** Of which community's members it is told; empty: to whom it belongs. */
const communityOf = async (ports: FeaturePorts, { community, thread: id }: LedgerPlace): Promise<string> =>
  id === undefined ? community : ports.communityOf(id);

/** Whether changes are told to somebody: reading is open, rooms are for members. */
const hears = async (
  { actors, clock }: FeaturePorts,
  { member_id }: Caller,
  community: string,
  permission?: Permission,
): Promise<boolean> => {
  if (community === '') return true;
  try {
    const ask = { type: 'access', member_id } as const;
    const access = await actors.ask<GetAccess>(communityAddress(community), ask, { timeoutMs: patienceMs.standing });
    return access.member !== null && (permission === undefined || has(held(access, clock.now()), permission));
  } catch (error) {
    if (Fault.from(error).code === 'not_found') return false;
    throw error;
  }
};

const shown = ({ next, ...page }: SyncAnswer): LedgerPage => ({ ...page, next_cursor: next && snapshot.encode(next) });

interface Found {
  /** Its first page; null when there is nothing new. */
  page: LedgerPage | null;
  /** Whether its changes are told to whoever asks; this connection hears them from now on. */
  isTold: boolean;
}

const changedIn = async (caller: Caller, place: LedgerPlace, known: number, { ports, connection }: Context): Promise<Found> => {
  const read = (more: Ask = {}) => ask(ports, caller, place, { ...(known >= 0 && { after_rev: known }), ...more });
  await enter(ports, caller, place);
  const community = await communityOf(ports, place);
  const isTold = await hears(ports, caller, community, place.permission);
  const isIn = isTold && connection !== undefined;
  const answer = isIn
    ? // The last word on membership comes after the room was entered: whoever loses it later is taken out of there.
      await connection.subscribe({
        room: ledgerRoom(place.stored),
        place: async () => community,
        read: () => read(community === '' ? {} : { as_member: true }),
      })
    : await read();
  if (isIn && place.thread !== undefined) connection.opened(place.thread, null, community);
  return { page: !answer.reset && answer.rev === known ? null : shown(answer), isTold };
};

/** The store or the owner is away for the moment. */
const isForNow = (error: unknown): boolean => ['unavailable', 'timeout', 'overloaded', 'conflict'].includes(Fault.from(error).code);
const isNothing = (error: unknown): boolean => ['not_found', 'forbidden'].includes(Fault.from(error).code);

export const operations = [
  bind(syncLedger, async (caller, { ledger, after_rev, cursor, history }, { ports }) => {
    const place = ledgerPlace(ledger, caller.member_id);
    if (!place) throw nothingThere();
    await enter(ports, caller, place);
    const isSameLife = history === undefined || history === ports.store.history;
    const from = isSameLife ? snapshot.decode(cursor) : undefined;
    const what = { ...(from && { from }), ...(after_rev !== undefined && isSameLife && { after_rev }) };
    return { ...shown(await ask(ports, caller, place, what)), history: ports.store.history };
  }),
  bind(syncLedgers, async (caller, { ledgers, history }, context) => {
    const here = context.ports.store.history;
    const isSameLife = history === undefined || history === here;
    const found = {
      ledgers: [] as (LedgerPage & { ledger: string })[],
      silent: [] as string[],
      gone: [] as string[],
      later: [] as string[],
    };
    await Promise.all(
      Object.entries(ledgers).map(async ([ledger, known]) => {
        const place = ledgerPlace(ledger, caller.member_id);
        try {
          if (!place) throw nothingThere();
          const { page, isTold } = await changedIn(caller, place, isSameLife ? known : -1, context);
          if (page) found.ledgers.push({ ledger, ...page });
          if (!isTold) found.silent.push(ledger);
        } catch (error) {
          if (isNothing(error)) found.gone.push(ledger);
          else if (isForNow(error)) found.later.push(ledger);
          else throw error;
        }
      }),
    );
    return { ...found, history: here };
  }),
] as const;
