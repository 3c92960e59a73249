import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { newNonce } from '../../src/client/index.js';
import type { Community, CommunityRole } from '../../src/protocol/resources.js';
import { Dialog } from './dialog.js';
import { Failure, useAction } from './failure.js';
import { IconButton } from './icon.js';
import { longest } from './lengths.js';
import { LimitedField } from './limited-field.js';
import { useClient } from './live.js';
import { RoleForm } from './role-form.js';
import { RoleName } from './role-mark.js';
import { mayChange, standingIn } from './standing.js';

interface RolesDialogProps {
  community: Community;
  /** The highest first, everyone last. */
  roles: readonly CommunityRole[];
  onClose: () => void;
}

/** The roles of a community in their order: making, changing, moving and deleting those below one's own. */
export const RolesDialog = ({ community, roles, onClose }: RolesDialogProps) => {
  const client = useClient();
  const { busy, failure, run } = useAction();
  const [editing, setEditing] = useState<string | null>(null);
  const [told, setTold] = useState('');
  /** The made ones are counted, so that the form for the next is a new one. */
  const [made, setMade] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  /** What is to have the focus once the list is drawn in an order (null: in any): names of buttons, the first that is there. */
  const toFocus = useRef<{ acts: readonly string[]; order: string | null } | null>(null);
  const standing = standingIn(community, roles);
  const mayTend = standing.may('manage_roles');
  const edited = roles.find((role) => role.id === editing && mayChange(standing, role));

  const seen = useRef<string | null>(null);
  useEffect(() => {
    if (edited) seen.current = edited.id;
    else if (editing !== null && seen.current === editing) {
      setEditing(null);
      setTold('This role was deleted meanwhile, or you may not change it any more.');
    }
  }, [edited, editing]);
  useLayoutEffect(() => {
    if (!toFocus.current || !list.current) return;
    const { acts, order } = toFocus.current;
    if (order !== null && order !== orderOf(roles)) return;
    const [button] = acts.flatMap((name) => list.current?.querySelector<HTMLElement>(`[data-act="${name}"] button`) ?? []);
    button?.focus();
    toFocus.current = null;
  });

  const make = (event: SubmitEvent): void => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget as HTMLFormElement).get('name')).trim();
    setTold('');
    void run(async () => {
      const role = await client.operations.createRole({ community_id: community.id, name, nonce: newNonce() });
      setMade((n) => n + 1);
      setEditing(role.id);
    });
  };
  const move = (role: CommunityRole, by: -1 | 1): void => {
    const ids = roles.filter(({ position }) => position > 0).map(({ id }) => id);
    const at = ids.indexOf(role.id);
    ids.splice(at, 1);
    ids.splice(at + by, 0, role.id);
    const acts = by < 0 ? ['up', 'down'] : ['down', 'up'];
    setTold('');
    void run(async () => {
      const { items } = await client.operations.orderRoles({ community_id: community.id, role_ids: ids });
      toFocus.current = { acts: acts.map((act) => `${act} ${role.id}`), order: orderOf(items) };
      setTold(`${role.name} is moved ${by < 0 ? 'up' : 'down'}.`);
    });
  };
  const back = (words: string, isThere = true): void => {
    toFocus.current = { acts: [`change ${isThere ? editing : community.id}`], order: null };
    seen.current = null;
    setEditing(null);
    setTold(words);
  };

  return (
    <Dialog title={`Roles of ${community.name}`} onClose={onClose}>
      <p class={told === '' ? 'hidden' : 'notice'} role="status">
        {told}
      </p>
      {edited ? (
        <RoleForm key={edited.id} communityId={community.id} role={edited} standing={standing} onDone={back} />
      ) : (
        <>
          <p class="quiet">The highest stands first. {mayTend && 'You change roles that stand below your own.'}</p>
          <ul ref={list} class="result-list">
            {roles.map((role, i) => {
              const isMine = mayChange(standing, role);
              const isLast = role.position === 0;
              const above = roles[i - 1];
              const below = roles[i + 1];
              return (
                <li key={role.id} class="result role">
                  <span class="result-text">
                    <strong>
                      <RoleName role={role} />
                    </strong>
                    <span class="quiet">{summaryOf(role)}</span>
                  </span>
                  {isMine && (
                    <span class="role-acts">
                      <span data-act={`up ${role.id}`}>
                        {above && !isLast && mayChange(standing, above) && (
                          <IconButton name="up" label={`Move ${role.name} up`} onClick={() => move(role, -1)} />
                        )}
                      </span>
                      <span data-act={`down ${role.id}`}>
                        {below && below.position > 0 && (
                          <IconButton name="down" label={`Move ${role.name} down`} onClick={() => move(role, 1)} />
                        )}
                      </span>
                      <span data-act={`change ${role.id}`}>
                        <button type="button" class="button" aria-label={`Change ${role.name}`} onClick={() => setEditing(role.id)}>
                          Change
                        </button>
                      </span>
                    </span>
                  )}
                </li>
              );
            })}
          </ul>
          <Failure text={failure} />
          {mayTend && (
            <form key={made} class="role-new" onSubmit={make}>
              <LimitedField label="New role" name="name" most={longest.roleName} required />
              <button type="submit" class="button button-main" disabled={busy}>
                Add
              </button>
            </form>
          )}
        </>
      )}
    </Dialog>
  );
};

const orderOf = (roles: readonly CommunityRole[]): string => roles.map(({ id }) => id).join();

const summaryOf = ({ position, permissions, mentionable }: CommunityRole): string => {
  const count = permissions.length === 1 ? '1 permission' : `${permissions.length === 0 ? 'no' : permissions.length} permissions`;
  return [position === 0 && 'held by every member', count, mentionable && 'may be mentioned'].filter(Boolean).join(' · ');
};
