export interface RestOptions {
  /** Per attempt. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** The request goes on when the page ends. */
  keepalive?: boolean;
}

/** How REST is asked for an operation. */
export interface Way {
  method: string;
  path: string;
  token: boolean;
  /** Whether it may be sent again when it is not known what became of it. */
  isRepeatable: (input: Record<string, unknown>) => boolean;
}
