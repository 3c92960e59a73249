/** Parley's client, for browsers and Node: REST, socket and live views. Start at `ParleyClient`. */
export { type Permission, permissions } from '../authority/permissions.js';
export { type ErrorCode, Fault } from '../kernel/errors.js';
export { type ClientOptions, ParleyClient } from './client.js';
export { type Clock, hostClock } from './clock.js';
export type { CommunityState } from './community-state.js';
export type { CommunityStatus, CommunityView } from './community-view.js';
export type { ConnectionState, EmitOptions } from './connection.js';
export type { DeliveryOptions, Draft } from './delivery.js';
export { type DeviceTokenStore, webDeviceToken } from './device-token.js';
export type { Head, HeadsView } from './heads-view.js';
export { isDeleted } from './message-list.js';
export { newNonce } from './nonce.js';
export type { Operations } from './operations.js';
export type { PendingSend } from './pending-send.js';
export type { ThreadState } from './thread-state.js';
export type { ThreadStatus, ThreadView } from './thread-view.js';
export { MemoryTokenStore, type StoredTokens, type TokenStore, WebTokenStore } from './token-store.js';
