/** Moves the focus from row to row by the arrow keys, Home and End. */
export const moveByKey = (event: KeyboardEvent, list: HTMLElement | null): void => {
  if (!(event.target instanceof HTMLElement) || !event.target.matches('[data-seq]')) return;
  const to = {
    ArrowUp: event.target.previousElementSibling,
    ArrowDown: event.target.nextElementSibling,
    End: list?.lastElementChild,
    Home: list?.firstElementChild,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const step = event.key === 'ArrowDown' || event.key === 'Home' ? 'nextElementSibling' : 'previousElementSibling';
  let row: Element | null = to;
  while (row && !row.matches('[data-seq]')) row = row[step];
  if (row instanceof HTMLElement) row.focus();
};
