import { type Work, workOfLimit } from '../../catalogue/work.js';
import type { ClientEventName } from '../../protocol/events.js';
import type { Route } from '../../protocol/routes.js';

const ofEvent: Record<ClientEventName, Work | null> = {
  typing: 'signal',
  stop_typing: 'signal',
  join_community: 'connect',
  join_thread: 'connect',
  sync_thread: 'connect',
  // Leaving makes the node's work less.
  leave_community: null,
  leave_thread: null,
  send_message: 'send',
  edit_message: 'send',
  delete_message: 'send',
  add_reaction: 'send',
  remove_reaction: 'send',
  mark_read: 'send',
  mark_all_read: 'send',
};

/** What an event is to the load; null is never shed. */
export const workOfEvent = (event: ClientEventName): Work | null => ofEvent[event];

/** What a route is to the load. */
export const workOfRoute = (route: Pick<Route, 'limit'>): Work => workOfLimit[route.limit];
