/** Communities that are told of one member in one turn of the event loop. */
export const toldAtOnce = 50;

/**
 * Tells many places of the newest of something that changes, some at a time. What comes while places are still to be told takes
 * the place of what they were to be told, and they come first.
 */
export class Round<T> {
  #left: readonly string[] = [];
  #news: T | undefined;

  get open(): boolean {
    return this.#left.length > 0;
  }

  begin(places: readonly string[], news: T): void {
    const late = new Set(this.#left);
    this.#left = [...places.filter((place) => late.has(place)), ...places.filter((place) => !late.has(place))];
    this.#news = news;
  }

  /** The next ones, and what they are to be told. */
  next(most = toldAtOnce): { places: readonly string[]; news: T } {
    const places = this.#left.slice(0, most);
    this.#left = this.#left.slice(most);
    return { places, news: this.#news as T };
  }
}
