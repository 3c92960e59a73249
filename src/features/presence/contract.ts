import { z } from 'zod';
import { signedIn } from '../../authority/allow.js';
import { defineOperation } from '../../catalogue/operation.js';
import { bounds, line } from '../../protocol/primitives.js';
import { presence, presenceState } from '../../protocol/resources.js';

export const setPresence = defineOperation({
  name: 'set_presence',
  tag: 'presence',
  summary: 'What others see of one while a device is connected',
  allow: signedIn,
  decided_by: 'user',
  limit: 'signal',
  repeat: 'same',
  input: z.strictObject({ state: presenceState, text: line(0, bounds.presenceText).optional() }),
  answer: z.object({ presence }),
  rest: { method: 'put', path: '/presence', status: 200 },
  example: { state: 'dnd', text: 'writing' },
});
