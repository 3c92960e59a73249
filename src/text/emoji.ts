/**
 * Emoji by Unicode's own data (`\p{RGI_Emoji}`, in the engine): exactly one that is meant for interchange. The data
 * knows each in its qualified form alone, with the selector that makes it a picture, and keyboards leave that out or
 * write the one for text.
 */
const emoji = '\\p{RGI_Emoji}';
const one = new RegExp(`^${emoji}$`, 'v');
const selectors = /[\ufe0e\ufe0f]/g;
/** Characters that are text unless a selector follows. A tone of skin stands for it. */
const textByDefault = /(?!\p{Emoji_Presentation})(?:\p{Extended_Pictographic}(?!\p{Emoji_Modifier})|[0-9#*](?=\u20e3))/gu;

/**
 * The qualified form of an emoji, however it is written: a red heart is one heart. Null: it is not exactly one emoji.
 */
export const emojiOf = (text: string): string | null => {
  const qualified = text.replace(selectors, '').replace(textByDefault, '$&\ufe0f');
  return one.test(qualified) ? qualified : null;
};

/** The form under which reactions are compared: what was stored before emoji were looked at stays as it is. */
export const reactionForm = (text: string): string => emojiOf(text) ?? text;
