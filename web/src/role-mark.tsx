import type { CommunityRole } from '../../src/protocol/resources.js';

/** A role's colour; which role it is is told in words to those who do not see it. */
export const RoleDot = ({ role: { name, color } }: { role: CommunityRole }) => (
  <span class="role-dot" role="img" aria-label={name} title={name} style={{ background: color ?? 'transparent' }} />
);

/** A role's name behind its colour. */
export const RoleName = ({ role: { name, color } }: { role: CommunityRole }) => (
  <span class="role-name">
    <span class="role-dot" aria-hidden="true" style={{ background: color ?? 'transparent' }} />
    <bdi>{name}</bdi>
  </span>
);
