import type { Store } from '../../../src/store/contracts.js';

/** The same store; `called` hears of each call to it. */
export const counted = (store: Store, called: (name: string) => void): Store => {
  const repositories = new Map<string, object>();
  const watched = (name: string, repository: object): object => {
    const known = repositories.get(name);
    if (known) return known;
    const made = new Proxy(repository, {
      get: (inner, call: string) => {
        const own: unknown = Reflect.get(inner, call);
        if (typeof own !== 'function') return own;
        return (...args: unknown[]) => {
          called(`${name}.${call}`);
          return own.apply(inner, args);
        };
      },
    });
    repositories.set(name, made);
    return made;
  };
  return new Proxy(store, {
    get: (target, name: string) => {
      const own: unknown = Reflect.get(target, name);
      if (name === 'collection') {
        return (definition: { name: string }) => watched(definition.name, store.collection(definition as never) as unknown as object);
      }
      return typeof own === 'object' && own !== null ? watched(name, own) : own;
    },
  });
};
