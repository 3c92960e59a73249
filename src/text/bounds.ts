/** What one text may ask for. Each bound keeps the work linear in the text's length, or the drawn elements few. */
export const bounds = {
  /** Levels of quotes and lists; what is nested deeper is drawn as lines of text. */
  blockDepth: 12,
  /** Levels of bold, italics and links; the marks of deeper ones stay as they were typed. */
  inlineDepth: 8,
  /** Lines of one quote or list; a longer one goes on in a second one. */
  blockLines: 100,
  /** Characters of a link's text. */
  label: 300,
  /** `[` of a text that are never closed; behind so many of them there are no more links of this form. */
  openBrackets: 100,
  /** Characters of a link's address. */
  address: 2_048,
  columns: 16,
  /** Of all tables of a text. */
  cells: 400,
  /** Elements of a text; behind the last one it goes on as plain text. */
  elements: 600,
} as const;
