import type { Chart } from '../suite/chart.js';
import { rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row } from '../suite/workload.js';

/** One cost, measured at growing sizes. */
export interface Series {
  id: number;
  /** What a size is: "active threads". */
  of: string;
  /** What is measured: "CPU a message". */
  cost: string;
  unit: string;
  points: readonly (readonly [size: number, cost: number | null])[];
  violations?: readonly string[];
  notes?: readonly string[];
}

/** A row a size. */
export const seriesRows = ({ id, of, cost, unit, points, violations = [], notes = [] }: Series): Row[] =>
  points.map(([size, figure]) =>
    rowOf({ id, name: `${size.toLocaleString('en-US').replaceAll(',', ' ')} ${of}: ${cost}`, unit, figure, peer: null, violations, notes }),
  );

/** Series of the same sizes and unit in one plot. */
export const plotSeries = (stage: Stage, title: string, series: readonly Series[], axis: Chart['y']): void => {
  stage.chart({
    title,
    x: { label: series[0]?.of ?? '', log: true },
    y: axis,
    lines: series.map(({ cost, points }) => ({
      name: cost,
      points: points.flatMap(([size, figure]) => (figure === null ? [] : [[size, figure] as const])),
    })),
  });
};

/** The largest size's cost over that at `from`, which must stay near 1. */
export const flatRow = (series: Series, from: number, why = ''): Row => {
  const costAt = (size: number): number | null => series.points.find(([at]) => at === size)?.[1] ?? null;
  const last = series.points.at(-1)!;
  const base = costAt(from);
  return rowOf({
    id: series.id,
    name: `${series.cost} at ${last[0]} ${series.of} over that at ${from}`,
    unit: 'times',
    figure: base === null || last[1] === null ? null : last[1] / base,
    peer: null,
    goal: { atMost: 1.5, of: 'figure' },
    violations: series.violations ?? [],
    notes: [why],
  });
};
