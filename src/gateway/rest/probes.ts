import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type Router } from 'express';
import { Fault } from '../../kernel/errors.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { Limiter } from '../ports.js';
import { reading, takesOnly } from './methods.js';
import { sendProblem } from './problems.js';
import { visitOf } from './visit.js';

/** Whether this node can do its work. May reject: then it cannot. */
export type Readiness = () => Promise<{ ok: true } | { ok: false; reason: string }>;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
/** In a time that says nothing of how much was right. */
const isSame = (given: string, wanted: string): boolean => timingSafeEqual(digest(given), digest(wanted));

/**
 * For those who watch a node: `/healthz` (alive), `/readyz` (able, else 503 with the reason), and for whoever has the token of the
 * metrics `/metrics` (Prometheus). Without such a token nobody has it, and there are none.
 */
export const createProbes = (parts: {
  readiness: Readiness;
  telemetry: Telemetry;
  limiter: Limiter;
  metricsToken: string | null;
}): Router => {
  const probes = express.Router({ caseSensitive: true });
  let asking: ReturnType<Readiness> | undefined;
  /** However many ask, the parts are looked at once at a time. */
  const readiness: Readiness = () => {
    asking ??= parts.readiness().finally(() => {
      asking = undefined;
    });
    return asking;
  };

  probes.get('/healthz', (request, response) => {
    visitOf(request).route = '/healthz';
    response.set('Cache-Control', 'no-store').json({ status: 'alive' });
  });
  probes.get('/readyz', async (request, response) => {
    visitOf(request).route = '/readyz';
    const state = await readiness().catch(() => ({ ok: false as const, reason: 'The check itself failed' }));
    if (state.ok) response.set('Cache-Control', 'no-store').json({ status: 'ready' });
    else sendProblem(request, response, new Fault('unavailable', state.reason));
  });
  probes.get('/metrics', async (request, response) => {
    const visit = visitOf(request);
    visit.route = '/metrics';
    if (parts.metricsToken === null) throw new Fault('not_found', 'This node shows no metrics: METRICS_TOKEN is not set');
    const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined || !isSame(given, parts.metricsToken)) {
      await parts.limiter.spend('probe', { address: visit.origin.address });
      throw new Fault('unauthenticated', 'Send the token of the metrics: Authorization: Bearer <METRICS_TOKEN>');
    }
    const text = await parts.telemetry.registry.metrics();
    response.set('Cache-Control', 'no-store').set('Content-Type', parts.telemetry.registry.contentType).send(text);
  });
  for (const at of ['/healthz', '/readyz', '/metrics']) takesOnly(probes, at, reading, at);
  return probes;
};
