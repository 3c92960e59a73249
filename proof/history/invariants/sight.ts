import { type Sight, Sights } from '../authority/sights.js';
import type { Findings } from '../findings.js';
import type { Authority, Final, Parted, Told } from '../history.js';
import type { Invariant } from '../invariant.js';
import type { Timeline } from '../timeline.js';
import { standing } from './standing-authority.js';

/** What stands behind a removal on a connection may have been said before that, for so long, ms. */
const lagMs = 10_500;
/** Told beside the rooms of the place: by the queue of jobs, and by one's own ledger. */
const besideRooms = new Set(['notification', 'ledger_changed of me']);

/**
 * 16: whoever may not view a thread is told nothing of it: no event and no answer past the bound after what took it
 * from them was acknowledged, and no event behind the removal that they heard on the same connection, until it may have
 * been given to them again. 17: see `standing`.
 */
export const sight: Invariant = (timeline, findings) => {
  // By client and connection: the threads that were lost there.
  const heard = new Map<string, Map<string, number>>();
  const sights = new Sights((member, thread) => {
    for (const [key, threads] of heard) if (key.startsWith(`${member} `)) threads.delete(thread);
  });
  const { final } = timeline;
  for (const [entry, it] of timeline.entries.entries()) {
    if (it.kind === 'authority') sights.begin(it.begun, it.at, entry);
    else if (it.kind === 'call') sights.call(it, entry);
    else if (it.kind === 'answer') sights.answer(it, entry);
    else if (it.kind === 'parted') parted(it, entry, sights, heard, findings);
    else if (it.kind === 'told') told(it, entry, sights, heard, final, findings);
  }
  standing(sights.places, final, findings);
  shown(timeline, findings);
};

type Heard = Map<string, Map<string, number>>;

const keyOf = ({ member, client, connection }: Parted | Told): string => `${member} ${client} ${connection}`;

const parted = (it: Parted, entry: number, sights: Sights, heard: Heard, findings: Findings): void => {
  const lost = it.thread === undefined ? sights.threadsOf(it.community ?? '') : [it.thread];
  for (const thread of lost) {
    const sight = sights.of(it.member, thread);
    // Given again meanwhile, it may stand behind this removal on the same connection.
    if (!sight || sight.is === true || sight.gains.some(({ until }) => until > it.at - lagMs)) continue;
    findings.count('removalsHeard');
    const threads = heard.get(keyOf(it)) ?? new Map<string, number>();
    heard.set(keyOf(it), threads.set(thread, entry));
  }
};

const told = (it: Told, entry: number, sights: Sights, heard: Heard, final: Final, findings: Findings): void => {
  const sight = sights.of(it.member, it.thread);
  if (!sight) return;
  const what = `${it.member} is told of thread ${it.thread} by ${it.by}`;
  if (sight.is === false) {
    const late = Math.round((it.asked ?? it.at) - bound(sight, final));
    if (late > 0) findings.violate(16, `${what}, ${late} ms past the bound after it was lost`, [sight.lossEntry, entry]);
  }
  if (it.asked !== undefined || besideRooms.has(it.by)) return;
  const removal = heard.get(keyOf(it))?.get(it.thread);
  if (removal !== undefined) findings.violate(16, `${what}, behind its removal on the same connection`, [sight.lossEntry, removal, entry]);
};

/** While announcements are lost it does not run. */
const bound = ({ lostAt, lossCalled }: Sight, { removalBoundMs, announcementsLost = [] }: Final): number => {
  let from = lostAt + removalBoundMs;
  for (const lost of announcementsLost) {
    if (lost.from < from && lost.to > Math.min(lossCalled, lostAt)) from = Math.max(from, lost.to + removalBoundMs);
  }
  return from;
};

/** After quiet everybody is shown the threads that they may view by what is stored, and no others. */
const shown = ({ final, threads }: Timeline, findings: Findings): void => {
  const places = placesOf(final.authority ?? []);
  for (const { member, community, by, threads: found } of final.sights ?? []) {
    const place = places.places.get(community);
    if (!place) continue;
    for (const thread of place.threads) {
      if (thread === community) continue;
      const may = place.sight(member, thread) === true;
      const hasWords =
        by === 'list_threads' || threads.get(thread)?.some(({ deleted, content }) => !deleted && /\bmessage\b/.test(content));
      const isFound = found.includes(thread);
      if (isFound && !may) findings.violate(16, `after quiet ${by} shows ${member} thread ${thread}, which they may not view`);
      if (!isFound && may && hasWords)
        findings.violate(16, `after quiet ${by} does not show ${member} thread ${thread}, which they may view`);
    }
  }
};

const placesOf = (stored: readonly Authority[]): Sights => {
  const sights = new Sights(() => undefined);
  for (const one of stored) sights.begin(one, 0, 0);
  return sights;
};
