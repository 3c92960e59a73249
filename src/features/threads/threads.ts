import { z } from 'zod';
import { type CreateThread, communityAddress } from '../../actors/domain/community/messages.js';
import { Sight } from '../../actors/domain/community/sight.js';
import { type DeleteThread, type GetThread, type Pin, threadAddress, type UpdateThread } from '../../actors/domain/thread/messages.js';
import { audienceOf } from '../../authority/closure.js';
import type { Caller } from '../../catalogue/caller.js';
import { cursorOf, limitOf, ms, type PageQuery, pageOf } from '../../catalogue/cursor.js';
import type { Ground } from '../../catalogue/feature-ports.js';
import type { Given } from '../../catalogue/operation.js';
import { Fault } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import { id } from '../../protocol/primitives.js';
import type { Page, Thread } from '../../protocol/resources.js';
import type { Named } from '../../store/contracts.js';
import { Mentions, mayMention } from '../../store/mentions.js';
import { Readings } from '../../store/readings.js';
import { toThread } from '../../store/resources.js';
import type { createThread, pinThread, updateThread } from './contract.js';

const cursor = cursorOf(z.strictObject({ is_pinned: z.boolean(), last_activity: ms, id }));

/** Threads: their actors and their communities' commit, lists are read from the store. */
export class Threads {
  readonly #deps: Ground;
  readonly #mentions: Mentions;
  readonly #readings: Readings;

  constructor(deps: Ground) {
    this.#deps = deps;
    this.#mentions = new Mentions(deps.store.members);
    this.#readings = new Readings(deps);
  }

  /** As the store has them: figures of a busy thread may lag a little. */
  async list(caller: Caller, communityId: string, query: PageQuery): Promise<Page<Thread>> {
    const access = await new Sight(this.#deps.actors, caller.member_id).demand(communityId);
    const limit = limitOf(query);
    const slice = { after: cursor.decode(query.cursor), limit: limit + 1 };
    const found = await this.#deps.store.threads.listByCommunity(communityId, slice, audienceOf(access));
    const shown = access.role === null ? [] : found.slice(0, limit);
    const readings = await this.#readings.of(caller.member_id, shown, () => access.unread_since);
    return pageOf(
      found,
      limit,
      cursor,
      ({ is_pinned, last_activity, id }) => ({ is_pinned, last_activity, id }),
      (thread) => toThread(thread, readings.get(thread.id)),
    );
  }

  async create(caller: Caller, input: Given<typeof createThread>): Promise<Thread> {
    const { is_private = false, member_ids = [] } = input;
    if (!is_private && member_ids.length > 0) {
      const errors = [{ path: 'member_ids', message: 'goes with is_private' }];
      throw new Fault('validation_failed', 'Only a private thread has people of its own', { errors });
    }
    return this.#deps.actors.ask<CreateThread>(communityAddress(input.community_id), {
      type: 'create_thread',
      by: caller.member_id,
      thread_id: newId(this.#deps.clock.now()),
      title: input.title,
      content: input.content ?? null,
      tags: input.tags ?? [],
      ...(is_private && { is_private, member_ids }),
      ...(await this.#mentions.resolve(input.content ?? '')),
    });
  }

  async get(caller: Caller, id: string): Promise<Thread> {
    return this.#deps.actors.ask<GetThread>(threadAddress(id), { type: 'get', by: caller.member_id });
  }

  async update(caller: Caller, { thread_id: id, ...input }: Given<typeof updateThread>): Promise<Thread> {
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as UpdateThread['patch'];
    const patch = { ...given, ...(input.content !== undefined && (await this.#named(id, input.content ?? ''))) };
    return this.#deps.actors.ask<UpdateThread>(threadAddress(id), { type: 'update', by: caller.member_id, patch });
  }

  /** Whom a new text names: of whom the one before named, those alone whom it names too. */
  async #named(id: string, content: string): Promise<Named> {
    const before = mayMention(content) ? await this.#deps.store.threads.byId(id) : null;
    return { mention_names: [], ...(await this.#mentions.resolve(content, before)) };
  }

  /** Without `is_pinned` it toggles; `act` names this one request, so that a repeat does not toggle back. */
  async pin(caller: Caller, { thread_id: id, ...input }: Given<typeof pinThread>): Promise<Thread> {
    return this.#deps.actors.ask<Pin>(threadAddress(id), {
      type: 'pin',
      by: caller.member_id,
      act: newId(this.#deps.clock.now()),
      ...(input.is_pinned !== undefined && { is_pinned: input.is_pinned }),
    });
  }

  async delete(caller: Caller, id: string): Promise<void> {
    await this.#deps.actors.ask<DeleteThread>(threadAddress(id), { type: 'delete_thread', by: caller.member_id });
  }
}
