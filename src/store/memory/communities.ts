import type { Clock } from '../../kernel/clock.js';
import { firstIdAt, newId } from '../../kernel/ids.js';
import { fold } from '../../text/folding.js';
import { tagKeys } from '../../text/tags.js';
import type { CommunityPatch, CommunityProjection, CommunityRecord, CommunityRepository, OwedToMemberships, Slice } from '../contracts.js';
import { nameParts, nameText } from '../names.js';
import { ascending, behind, copiesOf, copyOrNull, patched } from './order.js';

export class MemoryCommunities implements CommunityRepository {
  readonly #clock: Clock;
  readonly #communities = new Map<string, CommunityRecord>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async insert(community: CommunityRecord): Promise<void> {
    if (!this.#communities.has(community.id)) this.#communities.set(community.id, structuredClone(community));
  }

  async byId(id: string): Promise<CommunityRecord | null> {
    return copyOrNull(this.#communities.get(id));
  }

  async byIds(ids: readonly string[]): Promise<CommunityRecord[]> {
    return copiesOf(this.#communities, ids);
  }

  async publicAmong(ids: readonly string[]): Promise<string[]> {
    return copiesOf(this.#communities, ids)
      .filter(({ is_public, deleted_at }) => is_public && deleted_at === null)
      .map(({ id }) => id);
  }

  async update(id: string, patch: CommunityPatch): Promise<CommunityRecord | null> {
    return patched(this.#communities, id, { ...patch, ...(patch.deleted_at !== undefined && this.#mark()) });
  }

  async apply(id: string, ledger_rev: number, state: CommunityProjection, owed?: OwedToMemberships): Promise<void> {
    const stored = this.#communities.get(id);
    if (!stored || stored.ledger_rev >= ledger_rev) return;
    patched(this.#communities, id, { ...state, ...(owed && { ...owed, ...this.#mark() }), ledger_rev } as Partial<CommunityRecord>);
  }

  async untold(before: number, limit: number): Promise<CommunityRecord[]> {
    const isMeant = ({ untold }: CommunityRecord): boolean => untold !== undefined && untold < firstIdAt(before);
    return behind(this.#communities.values(), (a, b) => ascending(a.untold!, b.untold!), isMeant, limit);
  }

  async told(id: string, mark: string): Promise<void> {
    const community = this.#communities.get(id);
    if (community?.untold === mark) delete community.untold;
  }

  #mark(): { untold: string } {
    return { untold: newId(this.#clock.now()) };
  }

  async list(
    filter: { visible: readonly string[]; only?: readonly string[] | undefined; q?: string | undefined; tag?: string | undefined },
    slice: Slice<{ name: string; id: string }>,
  ): Promise<CommunityRecord[]> {
    const order = (a: { name: string; id: string }, b: { name: string; id: string }): number =>
      ascending(fold(a.name), fold(b.name)) || ascending(a.id, b.id);
    const parts = filter.q === undefined ? undefined : nameParts(filter.q);
    const matches = (community: CommunityRecord): boolean =>
      community.deleted_at === null &&
      community.kind === 'community' &&
      (community.is_public || filter.visible.includes(community.id)) &&
      (!filter.only || filter.only.includes(community.id)) &&
      (!parts || parts.some((part) => nameText(community.name).includes(part))) &&
      (filter.tag === undefined || tagKeys(community.tags).includes(fold(filter.tag))) &&
      (!slice.after || order(community, slice.after) > 0);
    const found = behind(this.#communities.values(), order, matches, slice.limit);
    return found.map(({ roles: _, ...community }) => community);
  }
}
