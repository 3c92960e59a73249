import type { Act } from '../history.js';
import { type AuthorityPlace, type Say, sayOf, textOf } from './place.js';
import type { Register } from './register.js';

/** What a call makes of one register: one of these, and nobody can tell which. */
export interface Effect {
  register: Register<unknown>;
  values: readonly unknown[];
  /** It may as well leave it as it was. */
  isWeak?: boolean;
  /** Another call may still come after it. */
  isLoose?: boolean;
  /** Of them those that are left when nothing else was called until it was answered. */
  alone?: readonly unknown[];
}

const effect = <V>(register: Register<V>, values: readonly V[], isWeak = false): Effect => ({
  register: register as Register<unknown>,
  values,
  isWeak,
});

/** What a call may do to what decides who views what, in the state in which it is called. Nothing for calls that are about other things. */
export const effectsOf = (act: Act, place: AuthorityPlace): Effect[] => {
  switch (act.do) {
    case 'let_in': {
      // Whoever views it anyway is not written down.
      const said = effect<Say>(place.says(act.thread, own(act.whom)), ['allow', 'nothing']);
      return [seesWithout(place, act) === false ? { ...said, alone: ['allow'] } : said];
    }
    case 'take_out':
      // Whoever would see it by a role, or stands above, is denied it; a denial stays.
      return [effect<Say>(place.says(act.thread, own(act.whom)), ['nothing', 'deny'])];
    case 'override':
      return [effect(place.says(act.thread, act.subject), [sayOf(act)])];
    case 'give_role':
    case 'take_role':
      return [effect(place.holds(act.whom, act.role), [act.do === 'give_role'])];
    case 'change_role':
      return [effect(place.grants(act.role), [textOf(act.permissions)])];
    case 'order_roles':
      return [effect(place.order, [act.roles.join(' ')])];
    case 'hand_over': {
      // Whoever gives it up is a moderator from then on, one of the roles there are.
      const before = place.owner.values.flatMap((owner) => place.roles.map((role) => effect(place.holds(owner, role), [true], true)));
      return [effect(place.owner, [act.whom]), ...before];
    }
    case 'remove':
      return [effect(place.member(act.whom), [false]), ...place.roles.map((role) => effect(place.holds(act.whom, role), [false]))];
    case 'join':
      return [effect(place.member(act.whom), [true]), ...forgotten(place, act.whom)];
    default:
      return [];
  }
};

const own = (member: string): string => `member:${member}`;

const seesWithout = (place: AuthorityPlace, { thread, whom }: { thread: string; whom: string }): boolean | undefined =>
  place.sight(whom, thread, new Map([[place.says(thread, own(whom)) as Register<unknown>, 'nothing']]));

/** Whoever comes back is let into nothing that is closed; whoever was there is not asked about. */
const forgotten = (place: AuthorityPlace, whom: string): Effect[] => {
  const wasOut = place.member(whom).values.every((isMember) => !isMember);
  return [...place.threads].flatMap((thread) => {
    const says = place.says(thread, own(whom));
    if (!says.values.includes('allow')) return [];
    const values = says.values.filter((said) => said !== 'allow');
    const isWeak = !wasOut || place.isClosed(thread) !== true;
    return [{ ...effect(says, values.includes('nothing') ? values : [...values, 'nothing'], isWeak), isLoose: true }];
  });
};
