/** What every read carries: after `maxTimeMS` the server gives it up. */
export interface ReadBound {
  readonly maxTimeMS: number;
}
