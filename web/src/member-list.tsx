import { useState } from 'preact/hooks';
import type { CommunityView } from '../../src/client/index.js';
import type { CommunityRole, Membership } from '../../src/protocol/resources.js';
import { Dialog } from './dialog.js';
import { Failure, useAction } from './failure.js';
import { useClient } from './live.js';
import { MemberRow } from './member-row.js';
import { nameOf } from './person.js';
import { Question } from './question.js';
import { standingIn } from './standing.js';

const present = ({ member }: Membership): number => (member.presence.state === 'offline' ? 1 : 0);

interface MemberListProps {
  view: CommunityView;
  roles: readonly CommunityRole[];
  onClose: () => void;
  onLeft: () => void;
}

/** A community's members, those who are here first; leaving it, and for its owner handing it over. */
export const MemberList = ({ view, roles, onClose, onLeft }: MemberListProps) => {
  const client = useClient();
  const { busy, failure, run } = useAction();
  const [heir, setHeir] = useState<Membership | null>(null);
  const { members, moreMembers, community } = view.state;
  const standing = standingIn(community, roles);
  const { isOwner } = standing;
  const sorted = [...members.values()].filter((one) => !one.is_banned).sort((a, b) => present(a) - present(b));
  const leave = (): void =>
    void run(async () => {
      await client.operations.leaveAsMember({ community_id: view.communityId });
      onClose();
      onLeft();
    });
  const handOver = ({ member }: Membership): void =>
    void run(async () => {
      await client.operations.handOverCommunity({ community_id: view.communityId, member_id: member.id });
      setHeir(null);
    });
  return (
    <Dialog title={community ? `Members of ${community.name}` : 'Members'} onClose={onClose}>
      <ul class="result-list">
        {sorted.map((one) => (
          <MemberRow
            key={one.member.id}
            communityId={view.communityId}
            membership={one}
            roles={roles}
            standing={standing}
            onHandOver={isOwner && one.role !== 'owner' ? () => setHeir(one) : undefined}
          />
        ))}
      </ul>
      {isOwner && heir && (
        <Question key={heir.member.id} no="Cancel" yes="Hand over" busy={busy} onNo={() => setHeir(null)} onYes={() => handOver(heir)}>
          <bdi>{nameOf(heir.member)}</bdi> will own <bdi>{community?.name}</bdi>. You will be a moderator of it.
        </Question>
      )}
      <Failure text={failure} />
      <div class="dialog-foot">
        {moreMembers !== null && (
          <button type="button" class="button" disabled={busy} onClick={() => void run(() => view.moreMembers())}>
            More members
          </button>
        )}
        {community?.me && !isOwner && (
          <button type="button" class="button button-grave" disabled={busy} onClick={leave}>
            Leave <bdi>{community.name}</bdi>
          </button>
        )}
      </div>
    </Dialog>
  );
};
