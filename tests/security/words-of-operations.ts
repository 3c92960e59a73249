import type { Word } from './permission-table.js';

/**
 * Which word of the table each operation of version 1 has, as its routes and events said it before there was a catalogue. Not taken
 * from what operations state of themselves, so that a change of a statement shows in the matrix.
 */
export const wordOf: Readonly<Record<string, Word>> = {
  register: 'sign_up',
  get_sign_up: 'anyone',
  login: 'anyone',
  reopen_account: 'anyone',
  refresh: 'anyone',
  logout: 'signed_in',
  list_sessions: 'signed_in',
  end_other_sessions: 'signed_in',
  change_password: 'signed_in',
  change_email: 'signed_in',
  end_session: 'self',

  list_communities: 'signed_in',
  create_community: 'signed_in',
  get_community: 'community_see',
  update_community: 'community_moderate',
  delete_community: 'community_own',
  hand_over_community: 'community_hand_over',
  join_as_member: 'community_join',
  leave_as_member: 'signed_in',
  list_community_members: 'community_see',
  change_membership: 'community_moderate',
  remove_member: 'community_moderate',

  list_threads: 'community_see',
  create_thread: 'community_post',
  search_threads: 'signed_in',
  get_thread: 'community_see',
  update_thread: 'thread_author_or_moderator',
  delete_thread: 'thread_author_or_moderator',
  pin_thread: 'community_moderate',

  list_messages: 'community_see',
  send_message: 'community_post',
  search_messages: 'signed_in',
  list_replies: 'community_see',
  get_message: 'community_see',
  edit_message: 'message_author',
  delete_message: 'message_author_or_moderator',
  add_reaction: 'community_post',
  remove_reaction: 'community_post',
  sync_thread: 'community_see',

  list_members: 'signed_in',
  get_member_by_username: 'signed_in',
  get_member: 'signed_in',
  update_member: 'self',
  deactivate_member: 'self_or_admin',
  list_communities_of_member: 'signed_in',
  get_member_activity: 'signed_in',

  list_notifications: 'signed_in',
  read_notifications: 'signed_in',
  mark_read: 'community_member',
  mark_all_read: 'signed_in',

  join_community: 'community_member',
  leave_community: 'signed_in',
  join_thread: 'community_member',
  leave_thread: 'signed_in',
  typing: 'community_post',
  stop_typing: 'community_post',
};
