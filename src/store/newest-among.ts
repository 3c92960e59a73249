interface Key {
  created_at: number;
  id: string;
}

/** How the newest of many places are read. */
export interface Reads<T extends Key> {
  /** Of several places at once, at most so many, in any order: servers read an index so without sorting all that matches. */
  some(places: readonly string[], limit: number): Promise<T[]>;
  /** Of one place, newest first, older than one of them: a server reads its index in order and stops. */
  of(place: string, before: T | undefined, limit: number): Promise<T[]>;
  /** About so many will be wanted. */
  wanted: number;
  /** If no more than so many match in a hundred places, they are all read and sorted here. */
  few: number;
  /** So few places are asked one by one without a look at whether few match; 8 unless told. */
  fewPlaces?: number;
  /** Of two of one moment, the one with the lesser id comes first; else the one with the greater. */
  lesserIdFirst?: boolean;
}

/** Servers read few ranges at once well. */
const placesAtOnce = 100;
const fewPlaces = 8;
const readsAtOnce = 8;
const smallestPage = 8;

/** One place's, or several places' together, newest first. */
interface Source<T> {
  items: T[];
  at: number;
  read: ((last: T | undefined) => Promise<T[]>) | null;
}

/**
 * The newest of many places, newest first, each place named once: a few at a time, as they are asked for. Costs at most `few` documents for
 * each hundred places, or a short read a place, however much the places hold.
 */
export const newestAmong = async function* <T extends Key>(places: readonly string[], reads: Reads<T>): AsyncIterable<T> {
  const isNewer = reads.lesserIdFirst ? isNewerOrLesser : isNewerOrGreater;
  const sources: Source<T>[] = [];
  for (let from = 0; from < places.length; from += placesAtOnce) {
    sources.push(...(await sourcesOf(places.slice(from, from + placesAtOnce), places.length, reads)));
  }
  await eachOf(sources, fill);
  for (;;) {
    let next: Source<T> | undefined;
    for (const source of sources) {
      if (source.at < source.items.length && (!next || isNewer(source.items[source.at]!, next.items[next.at]!))) next = source;
    }
    if (!next) return;
    yield next.items[next.at++]!;
    if (next.at === next.items.length) await fill(next);
  }
};

const sourcesOf = async <T extends Key>(places: readonly string[], all: number, reads: Reads<T>): Promise<Source<T>[]> => {
  if (all > (reads.fewPlaces ?? fewPlaces)) {
    const isNewer = reads.lesserIdFirst ? isNewerOrLesser : isNewerOrGreater;
    const some = await reads.some(places, reads.few);
    if (some.length < reads.few) return [{ items: some.sort((a, b) => (isNewer(a, b) ? -1 : 1)), at: 0, read: null }];
  }
  return places.map((place) => {
    let limit = Math.max(Math.min(reads.wanted, smallestPage), Math.ceil((2 * reads.wanted) / all));
    const source: Source<T> = { items: [], at: 0, read: null };
    source.read = async (last) => {
      limit = Math.min(limit, reads.wanted);
      const page = await reads.of(place, last, limit);
      if (page.length < limit) source.read = null;
      limit *= 4;
      return page;
    };
    return source;
  });
};

const fill = async <T>(source: Source<T>): Promise<void> => {
  if (!source.read) return;
  source.items = await source.read(source.items.at(-1));
  source.at = 0;
};

const eachOf = async <T>(sources: readonly Source<T>[], act: (source: Source<T>) => Promise<void>): Promise<void> => {
  const left = sources.values();
  await Promise.all(
    Array.from({ length: readsAtOnce }, async () => {
      for (const source of left) await act(source);
    }),
  );
};

const isNewerOrGreater = (a: Key, b: Key): boolean => a.created_at > b.created_at || (a.created_at === b.created_at && a.id > b.id);
const isNewerOrLesser = (a: Key, b: Key): boolean => a.created_at > b.created_at || (a.created_at === b.created_at && a.id < b.id);
