/** What goes between the bench and a process of its own. */
export interface Call {
  id: number;
  name: string;
  input: unknown;
}
export type Answer = { id: number; ok: true; value: unknown } | { id: number; ok: false; error: string };

export type Handlers = Record<string, (input: never) => unknown>;

/**
 * Answers calls of the parent process, which is the only one to end us: signals of the terminal are its affair, and when it is gone,
 * so are we.
 */
export const answerCalls = (handlers: Handlers): void => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (call: Call) => {
    const answer = (message: Answer): void => void process.send?.(message);
    const handler = handlers[call.name];
    Promise.resolve()
      .then(() => {
        if (!handler) throw new Error(`there is no call ${call.name}`);
        return handler(call.input as never);
      })
      .then(
        (value) => answer({ id: call.id, ok: true, value }),
        (error: unknown) =>
          answer({ id: call.id, ok: false, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
  });
};
