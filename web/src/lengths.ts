/** What the server takes, in UTF-16 units. A plain copy, because the schemas would bring their library into the page; a test compares. */
export const longest = { content: 10_000, title: 200, name: 100, roleName: 50, description: 2_000, query: 200 } as const;

const figure = new Intl.NumberFormat('en');
/** A text that comes so near to what may be sent is counted. */
const countedFrom = 0.9;

/** What is said of a text that is too long to be sent; null when it is not. What stands around it is not sent. */
export const tooLong = (text: string, most: number): string | null => {
  const { length } = text.trim();
  return length > most
    ? `${figure.format(length)} of ${figure.format(most)} characters: shorten it by ${figure.format(length - most)}.`
    : null;
};

/** The count below a text: null while it is far from what may be sent. */
export const countOf = (text: string, most: number): string | null => {
  const { length } = text.trim();
  if (length < most * countedFrom) return null;
  return tooLong(text, most) ?? `${figure.format(length)} of ${figure.format(most)} characters`;
};
