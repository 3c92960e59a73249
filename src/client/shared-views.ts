/** Views by id, each opened once however many hold it: a subscription belongs to the socket, not to who asked for it. */
export class SharedViews<V extends { close(): void; readonly isClosed: boolean }> {
  readonly #make: (id: string) => V;
  readonly #open = new Map<string, { view: V; holders: number }>();

  constructor(make: (id: string) => V) {
    this.#make = make;
  }

  open(id: string): V {
    let held = this.#open.get(id);
    if (!held || held.view.isClosed) {
      held = { view: this.#make(id), holders: 0 };
      this.#open.set(id, held);
    }
    held.holders++;
    return held.view;
  }

  /** One holder lets go; with the last one the view ends. */
  close(id: string): void {
    const held = this.#open.get(id);
    if (!held || --held.holders > 0) return;
    this.#open.delete(id);
    held.view.close();
  }

  each(run: (view: V) => void): void {
    for (const { view } of this.#open.values()) run(view);
  }

  closeAll(): void {
    for (const { view } of this.#open.values()) view.close();
    this.#open.clear();
  }
}
