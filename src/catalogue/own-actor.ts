import type { FeatureCommand } from '../actors/domain/community/messages.js';
import { userAddress } from '../actors/domain/user/messages.js';
import type { Answers } from '../actors/runtime/actor.js';
import type { Caller } from './caller.js';
import type { Ground } from './feature-ports.js';

/** Asks the caller's own actor for what a feature has added to it. */
export const askOwn = <R>(
  { actors }: Pick<Ground, 'actors'>,
  { member_id }: Caller,
  feature: string,
  command: string,
  input: object,
): Promise<R> =>
  actors.ask(userAddress(member_id), { type: 'feature', by: member_id, feature, command, input } as Answers<
    FeatureCommand,
    R
  >) as Promise<R>;
