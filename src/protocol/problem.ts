import { z } from 'zod';
import { type ErrorCode, errorTable, Fault, type FaultJson } from '../kernel/errors.js';

export { type ErrorCode, errorTable, Fault, type FaultJson };

const codes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];
/** The present item, with `conflict`. */
const item = z
  .object({ kind: z.string(), key: z.string(), rev: z.int(), value: z.unknown().optional(), deleted: z.literal(true).optional() })
  .optional()
  .meta({ description: 'With `conflict` over `if_rev`: the item as it is now; `rev` 0: it is not there' });
const fieldErrors = z.array(z.object({ path: z.string(), message: z.string() }));

/** RFC 9457, as REST answers it (`application/problem+json`). */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(codes),
    detail: z.string(),
    errors: fieldErrors.optional(),
    item,
    request_id: z.string(),
    retry_after_ms: z.int().optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;

/** The same failure in a socket acknowledgement. */
export const socketError = z
  .object({ code: z.enum(codes), message: z.string(), errors: fieldErrors.optional(), item, retry_after_ms: z.int().optional() })
  .meta({ id: 'SocketError' });

export const toProblem = (fault: Fault, requestId: string): Problem => ({
  type: `urn:parley:error:${fault.code}`,
  title: errorTable[fault.code].title,
  status: fault.status,
  code: fault.code,
  detail: fault.message,
  ...(fault.errors && { errors: fault.errors }),
  ...(fault.item && { item: fault.item }),
  request_id: requestId,
  ...(fault.retry_after_ms !== undefined && { retry_after_ms: fault.retry_after_ms }),
});

/** Parses a request by its schema; what is wrong is named by path, never by value. */
export const parseRequest = <S extends z.ZodType>(schema: S, input: unknown, what: string): z.output<S> => {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, 20).map((issue) => ({
    path: issue.path.map(String).join('.').slice(0, 200),
    message: issue.code === 'unrecognized_keys' ? 'has fields that are not known here' : issue.message.slice(0, 200),
  }));
  throw new Fault('validation_failed', `The ${what} does not have the expected form`, { errors });
};
