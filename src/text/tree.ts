/** What a text is made of. Plain data: whoever draws it builds elements of it, and nothing is ever taken for HTML. */
export type Inline =
  | string
  | { kind: 'code'; text: string }
  | { kind: 'bold' | 'italic' | 'strike'; children: Inline[] }
  /** `href` is http, https or mailto. */
  | { kind: 'link'; href: string; children: Inline[] }
  /** `names`: whom it may mean, the longest first; what is left of `text` behind the one that is meant is text. */
  | { kind: 'mention'; text: string; names: string[] };

export interface Cell {
  align: 'left' | 'center' | 'right' | null;
  children: Inline[];
}

export type Block =
  | { kind: 'paragraph' | 'heading'; children: Inline[] }
  | { kind: 'quote'; children: Block[] }
  | { kind: 'list'; start: number | null; items: Block[][] }
  | { kind: 'table'; head: Cell[]; rows: Cell[][] }
  | { kind: 'code_block'; text: string }
  | { kind: 'rule' };
