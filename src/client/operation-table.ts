/** Made from the catalogue by `npm run generate`: do not edit. */
export const operationTable = {
  list_operations: { way: 'GET /operations', again: 'read', token: false },
  set_presence: { way: 'PUT /presence', again: 'same', token: true },
} as const;
