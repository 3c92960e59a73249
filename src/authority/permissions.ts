/**
 * Everything that somebody may be allowed to do in a place: a community, or a thread in it. One name each, the same in roles,
 * operations, documents and refusals.
 */
export const permissions = {
  view: 'know that it exists and see who belongs to it',
  read_history: 'read what was said',
  post: 'send messages, edit their own, show that they type',
  create_thread: 'begin threads',
  create_closed_thread: 'begin threads that not everybody sees',
  react: 'react to messages',
  attach: 'add files to messages',
  embed_links: 'have links shown with a preview',
  mention_all: 'ring for everybody',
  pin_messages: 'pin messages',
  manage_messages: 'delete what others wrote',
  manage_threads: 'change, pin and delete threads of others',
  create_invite: 'make links that let people in',
  manage_invites: 'see and revoke every such link',
  time_out_members: 'mute members',
  kick_members: 'remove members',
  ban_members: 'ban people',
  manage_roles: 'give and take roles',
  manage_emoji: 'add and delete emoji',
  manage_bots: 'add and remove bots',
  view_audit: 'read who did what',
  manage_community: 'change its name, description and tags',
  speak: 'speak in calls',
  stream: 'show a picture in calls',
  administrator: 'all of this',
} as const;

export type Permission = keyof typeof permissions;
