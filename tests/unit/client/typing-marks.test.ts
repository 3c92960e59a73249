import { expect, it } from '@jest/globals';
import { typingMs } from '../../../src/client/typing-marks.js';
import { bounds } from '../../../src/protocol/primitives.js';

it("the client's typing marks end when the server's do", () => {
  expect(typingMs).toBe(bounds.typingMs);
});
