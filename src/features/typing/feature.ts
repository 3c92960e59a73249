import { type Typing, threadAddress } from '../../actors/domain/thread/messages.js';
import { bind } from '../../catalogue/bound.js';
import type { Caller } from '../../catalogue/caller.js';
import { defineFeature } from '../../catalogue/feature.js';
import type { FeaturePorts } from '../../catalogue/feature-ports.js';
import { typing as startTyping, stopTyping } from './contract.js';

const show = async ({ actors }: FeaturePorts, { member_id }: Caller, threadId: string, on: boolean): Promise<void> => {
  await actors.ask<Typing>(threadAddress(threadId), { type: 'typing', by: member_id, on });
};

/**
 * That somebody types. The thread's actor tells the others, and keeps nothing: a mark ends by itself, so a crash leaves none. It is the
 * first thing that a busy node stops doing.
 */
export const typing = defineFeature({
  name: 'typing',
  needs: [],
  operations: [
    bind(startTyping, (caller, { thread_id }, { ports }) => show(ports, caller, thread_id, true)),
    bind(stopTyping, (caller, { thread_id }, { ports }) => show(ports, caller, thread_id, false)),
  ],
});
