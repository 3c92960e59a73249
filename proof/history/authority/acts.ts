/** What changes who views which threads. */
export type AuthorityAct =
  /** Acknowledged with the thread that was begun: only these, who begins it, and who stands above view it. */
  | { do: 'begin_closed'; community: string; people: readonly string[] }
  | { do: 'let_in'; community: string; thread: string; whom: string }
  | { do: 'take_out'; community: string; thread: string; whom: string }
  /** As a whole: what is not named says nothing. */
  | { do: 'override'; community: string; thread: string; subject: string; allow: readonly string[]; deny: readonly string[] }
  | { do: 'give_role'; community: string; whom: string; role: string }
  | { do: 'take_role'; community: string; whom: string; role: string }
  | { do: 'change_role'; community: string; role: string; permissions: readonly string[] }
  /** Highest first, all but everyone. */
  | { do: 'order_roles'; community: string; roles: readonly string[] }
  | { do: 'hand_over'; community: string; whom: string };

/** What decides who views what in one community, as it stands at one moment. */
export interface Authority {
  community: string;
  isPublic: boolean;
  owner: string;
  /** Whoever ever belonged to it. */
  members: readonly { id: string; isMember: boolean; roles: readonly string[] }[];
  /** Highest first, everyone (with the community's id) last. */
  roles: readonly { id: string; permissions: readonly string[] }[];
  threads: readonly { id: string; overrides: readonly { subject: string; allow: readonly string[]; deny: readonly string[] }[] }[];
}
