/** Made from the catalogue by `npm run generate`: do not edit. */
export const operationTable = {
  accept_invite: { way: 'POST /invites/:code/accept', again: 'same', token: true },
  create_invite: { way: 'POST /communities/:community_id/invites', again: 'by nonce', token: true },
  list_invites: { way: 'GET /communities/:community_id/invites', again: 'read', token: true },
  list_operations: { way: 'GET /operations', again: 'read', token: false },
  preview_invite: { way: 'GET /invites/:code', again: 'read', token: false },
  revoke_invite: { way: 'DELETE /invites/:invite_id', again: 'same', token: true },
  set_presence: { way: 'PUT /presence', again: 'same', token: true },
} as const;
