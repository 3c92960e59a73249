import type { Stage } from './stage.js';

/** One line of the result. `figure` is ours; null: the run counts for nothing, and `note` says why. */
export interface Row {
  /** Of its workload. */
  id: number;
  name: string;
  unit: string;
  figure: number | null;
  peer: number | null;
  /** `figure` / `peer`. */
  ratio: number | null;
  goal: string | null;
  /** Null: there is no goal. */
  held: boolean | null;
  note: string;
}

/** A file in bench/workloads/ (beside peers) or bench/growth/ (ourselves alone), and a line in workloads.ts. */
export interface Workload {
  id: number;
  name: string;
  /** How often it calls `stage.step`, for the progress bar. */
  steps: number;
  /** What this machine must have. */
  needs: { files?: number };
  /** After so many minutes it is ended and counts for nothing. */
  mostMinutes: number;
  run(stage: Stage): Promise<Row[]>;
}
