/** Names of Socket.IO rooms. Only the server makes them: a client names a thread or a community by id, never a room. */
export const threadRoom = (id: string): string => `t:${id}`;
export const communityRoom = (id: string): string => `c:${id}`;
export const memberRoom = (id: string): string => `m:${id}`;
/** By the name that it has in the store. */
export const ledgerRoom = (stored: string): string => `l:${stored}`;
/** Which ledger's it is. */
export const ledgerIn = (room: string): string => room.slice(ledgerRoom('').length);
export const isLedgerRoom = (room: string): boolean => room.startsWith('l:');
/** Whose room it is. */
export const communityIn = (room: string): string => room.slice(communityRoom('').length);
