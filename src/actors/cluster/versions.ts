/** Which versions of the protocol between nodes a process can exchange: it writes the newest and reads all from the oldest on. */
export interface Spoken {
  /** The newest version, which it writes. */
  readonly protocol: number;
  /** The oldest that it understands; `protocol` when absent. */
  readonly oldest?: number | undefined;
}

/** The version in which two speak with each other: the newest that both know. Undefined when there is none. */
export const common = (a: Spoken, b: Spoken): number | undefined => {
  const version = Math.min(a.protocol, b.protocol);
  return version >= (a.oldest ?? a.protocol) && version >= (b.oldest ?? b.protocol) ? version : undefined;
};

/** A process and a member of the cluster have no version in common. Trying again is of no use while that member lives. */
export class VersionMismatch extends Error {
  override readonly name = 'VersionMismatch';

  constructor(own: Spoken, other: Spoken & { readonly instance: string }) {
    super(
      `this process speaks ${range(own)} of the protocol between nodes, but ${other.instance} in the cluster speaks ${range(other)}: ` +
        'go by way of a release between the two, or stop the other nodes first',
    );
  }
}

const range = ({ protocol, oldest = protocol }: Spoken): string =>
  oldest === protocol ? `version ${protocol}` : `versions ${oldest} to ${protocol}`;

/** Throws `VersionMismatch` for the first member with which there is no common version. */
export const expectCommon = (own: Spoken, members: Iterable<Spoken & { readonly instance: string }>): void => {
  for (const member of members) if (common(own, member) === undefined) throw new VersionMismatch(own, member);
};
