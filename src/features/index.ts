import type { Feature, StatedIn } from '../catalogue/feature.js';
import { accounts } from './accounts/feature.js';
import { communities } from './communities/feature.js';
import { drafts } from './drafts/feature.js';
import { heads } from './heads/feature.js';
import { invites } from './invites/feature.js';
import { ledgers } from './ledgers/feature.js';
import { members } from './members/feature.js';
import { messages } from './messages/feature.js';
import { notificationLevels } from './notification-levels/feature.js';
import { notifications } from './notifications/feature.js';
import { operations } from './operations/feature.js';
import { overrides } from './overrides/feature.js';
import { placeOrder } from './place-order/feature.js';
import { presence } from './presence/feature.js';
import { reads } from './reads/feature.js';
import { roles } from './roles/feature.js';
import { saved } from './saved/feature.js';
import { search } from './search/feature.js';
import { settings } from './settings/feature.js';
import { subscriptions } from './subscriptions/feature.js';
import { threads } from './threads/feature.js';
import { typing } from './typing/feature.js';
import { version } from './version/feature.js';

/** Everything that Parley can do, in the order in which documents show it. The only list of features. */
export const features = [
  operations,
  version,
  accounts,
  members,
  communities,
  roles,
  invites,
  threads,
  overrides,
  messages,
  drafts,
  subscriptions,
  ledgers,
  heads,
  reads,
  typing,
  presence,
  settings,
  placeOrder,
  saved,
  search,
  notifications,
  notificationLevels,
] as const satisfies readonly Feature[];

/** Every operation by its name, for the types of whoever asks. */
export type Stated = StatedIn<typeof features>;
