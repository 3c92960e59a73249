/** Where one stands in the list: the last saved comes first, and of one moment the newer message. */
export interface SavedPlace {
  saved_at: string;
  message_id: string;
}

const isBefore = (a: SavedPlace, b: SavedPlace): boolean =>
  a.saved_at === b.saved_at ? a.message_id > b.message_id : a.saved_at > b.saved_at;

/** In the order of the list, those that come after a place of it. */
export const listedAfter = <S extends SavedPlace>(all: readonly S[], after: SavedPlace | undefined): S[] =>
  all.filter((one) => after === undefined || isBefore(after, one)).sort((a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0));
