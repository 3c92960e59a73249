import type { FeatureCommand } from '../actors/domain/community/messages.js';
import { userAddress } from '../actors/domain/user/messages.js';
import type { Answers } from '../actors/runtime/actor.js';
import type { Caller } from './caller.js';
import type { Ground } from './feature-ports.js';

/**
 * Asks the caller's own actor for what a feature has added to it. `if_rev`: what the caller knows of the item that
 * changes.
 */
export const askOwn = <R>(
  { actors }: Pick<Ground, 'actors'>,
  { member_id }: Caller,
  feature: string,
  command: string,
  input: object,
  if_rev?: number,
): Promise<R> =>
  actors.ask(userAddress(member_id), {
    type: 'feature',
    by: member_id,
    feature,
    command,
    input,
    ...(if_rev !== undefined && { if_rev }),
  } as Answers<FeatureCommand, R>) as Promise<R>;
