/** What is known of a yes or no: undefined is either. */
export type Tri = boolean | undefined;

export const not = (a: Tri): Tri => (a === undefined ? undefined : !a);
export const and = (...all: readonly Tri[]): Tri => (all.includes(false) ? false : all.includes(undefined) ? undefined : true);
export const or = (...any: readonly Tri[]): Tri => (any.includes(true) ? true : any.includes(undefined) ? undefined : false);
/** Of all that something may be. */
export const whether = <V>(values: readonly V[], is: (value: V) => boolean): Tri => {
  const yes = values.filter(is).length;
  return yes === 0 ? false : yes === values.length ? true : undefined;
};
