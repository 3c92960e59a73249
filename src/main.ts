import { ConfigError, loadConfig, redacted } from './kernel/config.js';
import type { Lifecycle } from './kernel/lifecycle.js';
import { layFoundation } from './roles/foundation.js';
import { composeNode } from './roles/node.js';
import { composeWorker } from './roles/worker.js';

/** `node dist/main.js [--role all|gateway|worker]`: starts the role that the configuration names, until a signal ends it. */
const configure = (): ReturnType<typeof loadConfig> => {
  const at = process.argv.indexOf('--role');
  const role = at > 0 ? process.argv[at + 1] : undefined;
  try {
    return loadConfig({ warn: (line) => console.error(line), ...(role !== undefined && { overrides: { node: { role } } }) });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
};

const run = async (): Promise<void> => {
  const config = configure();
  const foundation = await layFoundation(config);
  const { logger, telemetry } = foundation;
  telemetry.collectProcess();
  logger.info({ config: redacted(config) }, 'starting');
  let lifecycle: Lifecycle | undefined;
  let ending = false;
  const end = (reason: string, code: number): void => {
    if (ending) return;
    ending = true;
    logger.info({ reason }, 'stopping');
    // Past this the process ends without order; what it held ends by its leases.
    setTimeout(() => process.exit(code || 1), config.cluster.drainMs).unref();
    void (lifecycle?.stop() ?? foundation.close()).then(() => {
      logger.info('stopped');
      process.exit(code);
    });
  };
  // There must be none. If there is, the state is not to be trusted: leave in good order and let the supervisor begin anew.
  process.on('unhandledRejection', (err) => {
    logger.fatal({ err }, 'unhandled rejection');
    end('unhandled rejection', 1);
  });
  process.on('uncaughtException', (err) => {
    logger.fatal({ err }, 'uncaught exception');
    end('uncaught exception', 1);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end(signal, 0));
  lifecycle = config.node.role === 'worker' ? composeWorker(foundation) : composeNode(foundation, (reason) => end(reason, 1));
  await lifecycle.start();
  logger.info({ port: config.http.port, role: config.node.role }, 'ready');
};

run().catch((error: unknown) => {
  console.error('could not start:', error instanceof Error ? error.message : error);
  process.exit(1);
});
