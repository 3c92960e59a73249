/** What message text is drawn as. Only text and these shapes: nothing in a message is ever taken for HTML. */
export type Inline =
  | string
  | { kind: 'code'; text: string }
  | { kind: 'bold' | 'italic' | 'strike'; children: Inline[] }
  | { kind: 'link'; href: string; text: string }
  | { kind: 'mention'; username: string };
export type Block = { kind: 'text' | 'quote'; children: Inline[] } | { kind: 'code_block'; text: string };

const maxDepth = 4;
// Runs are bounded, so that no text makes the search slow.
const shapes =
  /`([^`\n]{1,1000})`|\*\*([^*\n]{1,1000})\*\*|~~([^~\n]{1,1000})~~|\*([^*\n]{1,1000})\*|_([^_\n]{1,1000})_|(https?:\/\/[^\s<>"`]{1,2000})|@([A-Za-z0-9][A-Za-z0-9_.-]{1,31})/g;

/** Blocks of a message: fenced code, quoted lines and everything else. */
export const parseMarkup = (content: string): Block[] =>
  content.split(/^```[^\n`]*\n?/m).flatMap((part, i, parts): Block[] => {
    // An odd part stands behind an opening fence; without a closing one it is plain text.
    if (i % 2 === 1 && i < parts.length - 1) return [{ kind: 'code_block', text: part.replace(/\n$/, '') }];
    return linesOf(i % 2 === 1 ? `\`\`\`\n${part}` : part);
  });

const linesOf = (text: string): Block[] => {
  const blocks: { kind: 'text' | 'quote'; lines: string[] }[] = [];
  for (const line of text.replace(/^\n+|\n+$/g, '').split('\n')) {
    const kind = /^> ?/.test(line) ? 'quote' : 'text';
    const last = blocks.at(-1);
    const bare = kind === 'quote' ? line.replace(/^> ?/, '') : line;
    if (last?.kind === kind) last.lines.push(bare);
    else blocks.push({ kind, lines: [bare] });
  }
  return blocks
    .filter(({ lines }) => lines.some((line) => line.trim() !== ''))
    .map(({ kind, lines }) => ({ kind, children: parseInline(lines.join('\n')) }));
};

export const parseInline = (text: string, depth = 0): Inline[] => {
  const out: Inline[] = [];
  let done = 0;
  const pattern = new RegExp(shapes);
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const shape = shapeOf(match, text, depth);
    if (!shape) {
      // Not meant so: go on one character further.
      pattern.lastIndex = match.index + 1;
      continue;
    }
    if (match.index > done) out.push(text.slice(done, match.index));
    out.push(shape.node);
    done = match.index + shape.length;
    pattern.lastIndex = done;
  }
  if (done < text.length) out.push(text.slice(done));
  return out;
};

const isWord = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_]/u.test(char);

const shapeOf = (match: RegExpExecArray, text: string, depth: number): { node: Inline; length: number } | null => {
  const [all, code, bold, strike, star, underscore, url, username] = match;
  const whole = all.length;
  const before = text[match.index - 1];
  if (code !== undefined) return { node: { kind: 'code', text: code }, length: whole };
  const inner = bold ?? strike ?? star ?? underscore;
  if (inner !== undefined) {
    if (depth >= maxDepth || /^\s|\s$/.test(inner) || isWord(before) || isWord(text[match.index + whole])) return null;
    const kind = bold !== undefined ? 'bold' : strike !== undefined ? 'strike' : 'italic';
    return { node: { kind, children: parseInline(inner, depth + 1) }, length: whole };
  }
  if (url !== undefined) {
    const shown = withoutTail(url);
    return !isWord(before) && URL.canParse(shown) ? { node: { kind: 'link', href: shown, text: shown }, length: shown.length } : null;
  }
  if (username === undefined || isWord(before)) return null;
  const name = username.replace(/[.-]+$/, '');
  return name.length < 2 ? null : { node: { kind: 'mention', username: name }, length: name.length + 1 };
};

/** Punctuation behind an address belongs to the sentence; a closing bracket only when the address opened none. */
const withoutTail = (url: string): string => {
  let end = url.length;
  for (; end > 0; end--) {
    const last = url[end - 1]!;
    if (/[.,;:!?'*_~]/.test(last)) continue;
    const opening = { ')': '(', ']': '[', '}': '{' }[last];
    if (opening === undefined || url.slice(0, end - 1).split(opening).length > url.slice(0, end - 1).split(last).length) break;
  }
  return url.slice(0, end);
};
