import express, { type Router } from 'express';
import { Fault } from '../../kernel/errors.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { sendProblem } from './problems.js';
import { visitOf } from './visit.js';

/** Whether this node can do its work. May reject: then it cannot. */
export type Readiness = () => Promise<{ ok: true } | { ok: false; reason: string }>;

/** For those who watch a node: `/healthz` (alive), `/readyz` (able, else 503 with the reason), `/metrics` (Prometheus). */
export const createProbes = (parts: { readiness: Readiness; telemetry: Telemetry }): Router => {
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
    visitOf(request).route = '/metrics';
    const text = await parts.telemetry.registry.metrics();
    response.set('Cache-Control', 'no-store').set('Content-Type', parts.telemetry.registry.contentType).send(text);
  });
  return probes;
};
