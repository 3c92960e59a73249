import type { Condition, Filter } from 'mongodb';
import { type Audience, keysOf, subjectsOf } from '../../authority/closure.js';
import type { Subject } from '../../authority/snapshot.js';
import { oids } from './fields.js';
import type { ThreadDocument } from './thread-document.js';

/** What `isSeenBy` says, as conditions on the fields of a document. */

/** Threads of one community that somebody may view, open ones among them. Beside the walk along an index, not instead of it. */
export const seenIn = (communityId: string, audience: Audience): Filter<ThreadDocument> => {
  if (audience === 'everybody') return {};
  const subjects = subjectsOf(communityId, audience);
  const notHidden: Filter<ThreadDocument> = { hidden_from: { $nin: subjects } };
  if (audience.member === null) return notHidden;
  const own: Subject = `member:${audience.member}`;
  const roles = audience.roles.map((role): Subject => `role:${role}`);
  const byRole: Filter<ThreadDocument>[] = roles.length === 0 ? [] : [{ seen_by: { $in: roles }, hidden_from: { $ne: own } }];
  return { $or: [notHidden, { seen_by: own }, ...byRole] };
};

/** Closed threads that somebody may view, found by whom they are seen. */
export const closedSeen = (audiences: ReadonlyMap<string, Audience>): Filter<ThreadDocument> => ({
  hidden_from: { $exists: true },
  seen_by: { $in: [...new Set([...audiences].flatMap(([id, audience]) => keysOf(id, audience)))] },
  $or: ways(audiences),
});

/** Threads of some communities that somebody may view, open ones among them, of those with this activity. */
export const seenAmong = (
  audiences: ReadonlyMap<string, Audience>,
  last_activity: Condition<Date> | undefined,
): Filter<ThreadDocument> => ({
  community_id: { $in: oids([...audiences.keys()]) },
  ...(last_activity && { last_activity }),
  $or: ways(audiences),
});

/** Closed threads that somebody may not view, found by where they are. */
export const hidden = (audiences: ReadonlyMap<string, Audience>): Filter<ThreadDocument> => ({
  community_id: { $in: oids([...audiences.keys()]) },
  hidden_from: { $exists: true },
  $nor: ways(audiences),
});

/** Each is enough. Those above, members and strangers apart: what allows a member allows nothing where they are none. */
const ways = (audiences: ReadonlyMap<string, Audience>): Filter<ThreadDocument>[] => {
  const all = [...audiences];
  const above = all.filter(([, audience]) => audience === 'everybody').map(([id]) => id);
  const others = all.flatMap(([id, audience]) => (audience === 'everybody' ? [] : [{ id, ...audience }]));
  const members = others.filter(({ member }) => member !== null);
  const strangers = others.filter(({ member }) => member === null);
  const within = (places: readonly { id: string }[]) => ({ community_id: { $in: oids(places.map(({ id }) => id)) } });
  const notHidden = (places: typeof others) => ({ hidden_from: { $nin: places.flatMap((place) => subjectsOf(place.id, place)) } });
  const own = [...new Set(members.map(({ member }): Subject => `member:${member}`))];
  const roles = members.flatMap((place) => place.roles.map((role): Subject => `role:${role}`));
  const ofMembers: Filter<ThreadDocument>[] = [
    { ...within(members), seen_by: { $in: own } },
    { ...within(members), ...notHidden(members) },
    ...(roles.length === 0 ? [] : [{ ...within(members), seen_by: { $in: roles }, hidden_from: { $nin: own } }]),
  ];
  return [
    { community_id: { $in: oids(above) } },
    { ...within(strangers), ...notHidden(strangers) },
    ...(members.length === 0 ? [] : ofMembers),
  ];
};
