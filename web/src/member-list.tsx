import type { CommunityView } from '../../src/client/index.js';
import type { Membership } from '../../src/protocol/resources.js';
import { Dialog } from './dialog.js';
import { Failure, useAction } from './failure.js';
import { useClient } from './live.js';
import { Avatar, nameOf } from './person.js';

const present = ({ member }: Membership): number => (member.presence.state === 'offline' ? 1 : 0);
const roleNames = { owner: 'owner', moderator: 'moderator', member: null } as const;

/** A community's members, those who are here first, and leaving it. */
export const MemberList = ({ view, onClose, onLeft }: { view: CommunityView; onClose: () => void; onLeft: () => void }) => {
  const client = useClient();
  const { busy, failure, run } = useAction();
  const { members, moreMembers, community } = view.state;
  const sorted = [...members.values()].filter((one) => !one.is_banned).sort((a, b) => present(a) - present(b));
  const leave = (): void =>
    void run(async () => {
      await client.rest('leaveCommunity', { params: { id: view.communityId } });
      onClose();
      onLeft();
    });
  return (
    <Dialog title={community ? `Members of ${community.name}` : 'Members'} onClose={onClose}>
      <ul class="result-list">
        {sorted.map(({ member, role }) => (
          <li key={member.id} class="result">
            <Avatar id={member.id} name={nameOf(member)} state={member.presence.state} />
            <span class="result-text">
              <strong>{nameOf(member)}</strong>
              <span class="quiet">
                @{member.username}
                {roleNames[role] && ` · ${roleNames[role]}`}
                {member.presence.text && ` · ${member.presence.text}`}
              </span>
            </span>
          </li>
        ))}
      </ul>
      <Failure text={failure} />
      <div class="dialog-foot">
        {moreMembers !== null && (
          <button type="button" class="button" disabled={busy} onClick={() => void run(() => view.moreMembers())}>
            More members
          </button>
        )}
        {community?.me && community.me.role !== 'owner' && (
          <button type="button" class="button button-grave" disabled={busy} onClick={leave}>
            Leave {community.name}
          </button>
        )}
      </div>
    </Dialog>
  );
};
