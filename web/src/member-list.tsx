import { useRef, useState } from 'preact/hooks';
import type { CommunityView } from '../../src/client/index.js';
import type { Membership } from '../../src/protocol/resources.js';
import { Dialog } from './dialog.js';
import { Failure, useAction } from './failure.js';
import { useInView } from './in-view.js';
import { useClient } from './live.js';
import { Avatar, nameOf } from './person.js';

const present = ({ member }: Membership): number => (member.presence.state === 'offline' ? 1 : 0);
const roleNames = { owner: 'owner', moderator: 'moderator', member: null } as const;

/** A community's members, those who are here first; leaving it, and for its owner handing it over. */
export const MemberList = ({ view, onClose, onLeft }: { view: CommunityView; onClose: () => void; onLeft: () => void }) => {
  const client = useClient();
  const { busy, failure, run } = useAction();
  const [heir, setHeir] = useState<Membership | null>(null);
  const question = useRef<HTMLDivElement>(null);
  useInView(question, heir !== null);
  const { members, moreMembers, community } = view.state;
  const isOwner = community?.me?.role === 'owner';
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
        {sorted.map((one) => {
          const { member, role } = one;
          return (
            <li key={member.id} class="result">
              <Avatar id={member.id} name={nameOf(member)} state={member.presence.state} />
              <span class="result-text">
                <strong dir="auto">{nameOf(member)}</strong>
                <span class="quiet">
                  @{member.username}
                  {roleNames[role] && ` · ${roleNames[role]}`}
                  {member.presence.text && (
                    <>
                      {' · '}
                      <bdi>{member.presence.text}</bdi>
                    </>
                  )}
                </span>
              </span>
              {isOwner && role !== 'owner' && (
                <button type="button" class="button" disabled={busy} onClick={() => setHeir(one)}>
                  Hand over ownership…
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {isOwner && heir && (
        <div ref={question} class="dialog-foot">
          <p>
            <bdi>{nameOf(heir.member)}</bdi> will own <bdi>{community?.name}</bdi>. You will be a moderator of it.
          </p>
          <button type="button" class="button" disabled={busy} onClick={() => setHeir(null)}>
            Cancel
          </button>
          <button type="button" class="button button-grave" disabled={busy} onClick={() => handOver(heir)}>
            Hand over
          </button>
        </div>
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
