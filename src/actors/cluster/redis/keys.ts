/** The names of everything in Redis. The braces keep one cluster's keys in one hash slot, so that scripts may touch several. */
export interface Keys {
  readonly leases: string;
  readonly members: string;
  readonly slots: string;
  readonly epoch: string;
  readonly version: string;
  /** Channel of notices. */
  readonly changes: string;
  inbox(instance: string): string;
}

export const keysOf = (prefix: string): Keys => {
  const at = (name: string): string => `{${prefix}}:cluster:${name}`;
  return {
    leases: at('leases'),
    members: at('members'),
    slots: at('slots'),
    epoch: at('epoch'),
    version: at('version'),
    changes: at('changes'),
    inbox: (instance) => `{${prefix}}:inbox:${instance}`,
  };
};
