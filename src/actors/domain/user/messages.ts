import type { Notification, Presence } from '../../../protocol/resources.js';
import type { LedgerHead, SyncLedger } from '../../ledger/messages.js';
import type { Address, Answers } from '../../runtime/actor.js';
import type { FeatureCommand } from '../community/messages.js';

/** What a member's actor can be asked and told. */

export const userAddress = (memberId: string): Address => ({ kind: 'user', key: memberId });

/**
 * A socket of this member is connected to a node. Told again every 30 s; one not heard of for 90 s is taken for gone.
 */
export interface DeviceSeen {
  type: 'device_seen';
  device: string;
  /** The node's instance name, so that a dead node's devices go with it. */
  node: string;
}
export interface DeviceGone {
  type: 'device_gone';
  device: string;
  /** It was sent to another node, and is to be back in a moment. */
  returns?: true;
}
export interface NodeDown {
  type: 'node_down';
  node: string;
}
export type SetPresence = Answers<{ type: 'set_presence'; state: Presence['state']; text?: string }, Presence>;
export type GetPresence = Answers<{ type: 'presence' }, Presence>;
/** Delivered to every device; stored before by the worker, so nothing is lost when nobody is there. */
export interface Notify {
  type: 'notify';
  notification: Notification;
}
/**
 * From a community that the member is about to join: keeps one of the places that a member has. `conflict`: there is
 * none left. The place is free again when `communities_changed` tells of that community, at the latest after a minute.
 */
export type KeepPlace = Answers<{ type: 'keep_place'; community_id: string }, null>;
/** From communities: how the member stands in one was written. */
export interface CommunitiesChanged {
  type: 'communities_changed';
  community_id: string;
}

/** What others see of the member beside presence was written. */
export interface ProfileChanged {
  type: 'profile_changed';
}

/** Kinds of the ledger `me` that are copied. */
export type CopiedKind = 'membership' | 'notification' | 'session' | 'read';
/**
 * A hint: records of this kind were written, and the ledger `me` may not show them as they are. A sweep makes up for
 * one that is lost.
 */
export interface HasUntold {
  type: 'has_untold';
  kind: CopiedKind;
}
export const hasUntold = (kind: CopiedKind): HasUntold => ({ type: 'has_untold', kind });

export type UserMessage =
  | HasUntold
  | DeviceSeen
  | DeviceGone
  | NodeDown
  | SetPresence
  | GetPresence
  | Notify
  | ProfileChanged
  | KeepPlace
  | CommunitiesChanged
  | SyncLedger
  | LedgerHead
  | FeatureCommand;
