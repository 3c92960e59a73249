/** Where a listing goes on: the sort key of the last item seen. Opaque to clients, encoded by the gateway. */
export interface Slice<K> {
  after?: K | undefined;
  limit: number;
}
