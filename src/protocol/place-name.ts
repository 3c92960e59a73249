import { z } from 'zod';

/** A place by one name, where a field or a key may name either kind. */
export const placeName = z
  .string()
  .max(64)
  .regex(/^(?:community|thread):[0-9a-f]{24}$/, 'must be community:<id> or thread:<id>')
  .meta({ example: 'community:665f1c2ab3d4e5f60718293a' });
