/** Where a permission is asked for. A thread never moves to another community, nor a message to another thread. */
export type Place = { community: string } | { thread: string };

export const community = (id: string): Place => ({ community: id });
export const thread = (id: string): Place => ({ thread: id });

/** By its name, as `placeName` takes it. */
export const placeNamed = (name: string): Place => {
  const [kind, id] = name.split(':') as ['community' | 'thread', string];
  return kind === 'community' ? community(id) : thread(id);
};
