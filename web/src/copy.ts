/**
 * Puts a text into the clipboard; answers whether that worked. Browsers give a page the clipboard over https only (and to localhost):
 * elsewhere the box that holds the text is selected and copied from, and stays selected for whoever has to do it by hand.
 */
export const copyText = async (text: string, box: HTMLInputElement | null): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const before = document.activeElement;
    box?.focus();
    box?.select();
    const isCopied = box !== null && document.execCommand('copy');
    if (isCopied && before instanceof HTMLElement) before.focus();
    return isCopied;
  }
};
