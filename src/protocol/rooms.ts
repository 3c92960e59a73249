/** Names of Socket.IO rooms. Only the server makes them: a client names a thread or a community by id, never a room. */
export const threadRoom = (id: string): string => `t:${id}`;
export const communityRoom = (id: string): string => `c:${id}`;
export const memberRoom = (id: string): string => `m:${id}`;
/** By the name that it has in the store. */
export const ledgerRoom = (stored: string): string => `l:${stored}`;
/** Which ledger's it is. */
export const ledgerIn = (room: string): string => room.slice(ledgerRoom('').length);
export const isLedgerRoom = (room: string): boolean => room.startsWith('l:');
/** Where a community's threads stand: for members who follow nothing else of it. */
export const headsRoom = (communityId: string): string => `h:${communityId}`;
export const isHeadsRoom = (room: string): boolean => room.startsWith('h:');
/** Whose room it is, that of a community or of its heads. */
export const communityIn = (room: string): string => room.slice(communityRoom('').length);
/** Where a thread, or the ledger that it has while it is closed, is followed. */
export const roomsOfThread = (id: string): [string, string] => [threadRoom(id), ledgerRoom(`thread:${id}`)];
/** Of which thread it is one of these; undefined: of none. */
export const threadOfRoom = (room: string): string | undefined => /^(?:t:|l:thread:)([^:]+)$/.exec(room)?.[1];
