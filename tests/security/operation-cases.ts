import type { ParleyClient } from '../../src/client/index.js';
import type { Outcome, Standing, Visibility } from './permission-table.js';
import type { Scene } from './scene.js';

/** Somebody who asks for an operation in the matrix. */
export interface OperationAsker {
  scene: Scene;
  standing: Standing;
  /** Null for nobody. */
  client: ParleyClient | null;
  visibility: Visibility;
}

export interface OperationCase {
  /** Input beside the community and the operation's own example, made anew for whoever asks. */
  make?(asker: OperationAsker): Promise<Record<string, unknown>>;
  /** Where the answer is another than what the operation states, since its actor decides by more than that. */
  but?(visibility: Visibility, standing: Standing): Outcome | undefined;
}

/** What some operations need beside what they state. By name. */
export const operationCases: Record<string, OperationCase> = {};
