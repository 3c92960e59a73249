const clockTime = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const short = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const moment = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'medium' });

export const timeOf = (iso: string): string => clockTime.format(new Date(iso));
/** The time alone, for a narrow place: without what says morning or afternoon. */
export const bareTimeOf = (iso: string): string =>
  clockTime
    .formatToParts(new Date(iso))
    .filter(({ type }) => type !== 'dayPeriod')
    .map(({ value }) => value)
    .join('')
    .trim();
/** Day and time of something within a month or so, before or after now. */
export const momentOf = (iso: string): string => moment.format(new Date(iso));
export const wholeTimeOf = (iso: string): string => whole.format(new Date(iso));

const daysAgo = (date: Date): number => {
  const midnight = (d: Date): number => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
  return Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
};

export const isSameDay = (a: string, b: string): boolean => new Date(a).toDateString() === new Date(b).toDateString();

/** The heading over a day's messages. */
export const dayOf = (iso: string): string => {
  const date = new Date(iso);
  const ago = daysAgo(date);
  if (ago === 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  return (ago < 300 ? day : dayOfYear).format(date);
};

/** As short as it can be told: the time today, the day before that. */
export const whenOf = (iso: string): string => {
  const date = new Date(iso);
  const ago = daysAgo(date);
  return ago === 0 ? clockTime.format(date) : ago < 300 ? short.format(date) : dayOfYear.format(date);
};
