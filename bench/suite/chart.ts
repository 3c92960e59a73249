/** A plot that a workload adds to the page: lines over numbers. */
export interface Chart {
  title: string;
  x: { label: string; log?: boolean };
  y: { label: string; log?: boolean };
  lines: { name: string; points: readonly (readonly [x: number, y: number])[] }[];
}
