import { anyOf, author, bit, installation, memberOf, owner } from './allow.js';

const ofWriting = author('post');

/**
 * Who may do what actors decide, by the operation's name. Said once: the operation's statement names its rule, and the actor that
 * commits it asks for the same in its turn.
 */
export const rules = {
  get_community: bit('view'),
  update_community: bit('manage_community'),
  /** What opens a community lets everybody read all that was ever said in it. */
  open_community: bit('administrator'),
  delete_community: owner,
  hand_over_community: anyOf(owner, installation),
  join_as_member: bit('view'),
  change_membership: anyOf(bit('manage_roles'), bit('time_out_members'), bit('ban_members'), installation),
  list_roles: bit('view'),
  create_role: bit('manage_roles'),
  update_role: bit('manage_roles'),
  delete_role: bit('manage_roles'),
  order_roles: bit('manage_roles'),
  give_role: bit('manage_roles'),
  take_role: bit('manage_roles'),
  /** Of oneself whoever may view. */
  explain_permission: anyOf(bit('manage_roles'), author('view')),
  time_out_member: bit('time_out_members'),
  ban_member: bit('ban_members'),
  remove_member: bit('kick_members'),
  mark_all_read: memberOf,
  create_thread: bit('create_thread'),
  create_closed_thread: bit('create_closed_thread'),
  get_thread: bit('view'),
  join_thread: memberOf,
  read_history: bit('read_history'),
  sync_thread: bit('read_history'),
  update_thread: anyOf(ofWriting, bit('manage_threads')),
  pin_thread: bit('manage_threads'),
  delete_thread: anyOf(ofWriting, bit('manage_threads')),
  set_override: bit('manage_roles'),
  list_overrides: bit('view'),
  /** Of a closed thread. Each of its people may go by themselves. */
  change_people: anyOf(ofWriting, bit('manage_threads')),
  send_message: bit('post'),
  /** A message with files, beside `send_message`. */
  attach: bit('attach'),
  edit_message: ofWriting,
  delete_message: anyOf(ofWriting, bit('manage_messages')),
  react: bit('react'),
  typing: bit('post'),
  mark_read: memberOf,
} as const;
