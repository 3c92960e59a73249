import { refusalOf } from '../../authority/decide.js';
import { bind } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import type { FeaturePorts } from '../../catalogue/feature-ports.js';
import { askOwn } from '../../catalogue/own-actor.js';
import { placeNamed } from '../../catalogue/place.js';
import { levelsSlice } from './commands.js';
import { type LevelOfPlace, listNotificationLevels, notificationLevelItem, setNotificationLevel } from './contract.js';
import { keptAs, levelOf } from './policy.js';

const feature = 'notification_levels';

/** A closed thread that one may not view is refused at the cost of one that never was. */
const demandView = async ({ places, clock }: FeaturePorts, name: string, memberId: string): Promise<void> => {
  const place = placeNamed(name);
  await places.enter(place, memberId);
  const refusal = refusalOf(await places.standing(place, memberId), 'view', clock.now());
  if (refusal) throw refusal;
};

/**
 * What a member wants to hear of communities and threads, on all of their devices: `all`, `mentions` or `none`, and
 * nothing at all until a moment. What is said of a thread goes before what is said of its community. Workers heed it
 * where they make notifications: they read it from the store for the few who are concerned, so nobody's actor is asked.
 * What was notified before stays.
 *
 * Promises: what was answered is in the ledger `me`, and counts for all that is said afterwards. Only of places that
 * one may view something is said; of others the answer is that of a place that never was. What was said of a place that
 * one has lost can be taken back. A crash leaves what was said before or what was to be said; should it come before the
 * answer, the latter counts for notifications when the member's ledger is used next.
 */
export const notificationLevels = defineFeature({
  name: feature,
  needs: [],
  operations: [
    bind(listNotificationLevels, async (caller, _input, { ports }) => ({
      items: await askOwn<LevelOfPlace[]>(ports, caller, feature, 'list', {}),
    })),
    bind(setNotificationLevel, async (caller, { place, if_rev, ...given }, { ports }) => {
      const now = ports.clock.now();
      const said = levelOf(given, now);
      const saysNothing = keptAs(said, now) === null;
      const wasTakenBack = saysNothing && (await askOwn<boolean>(ports, caller, feature, 'take_back', { place }, if_rev));
      if (!wasTakenBack) await demandView(ports, place, caller.member_id);
      if (!saysNothing) await askOwn(ports, caller, feature, 'set', { place, said }, if_rev);
      return { place, ...said };
    }),
  ],
  member: levelsSlice,
  items: [notificationLevelItem],
});
