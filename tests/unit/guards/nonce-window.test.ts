import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Stage } from '../domain/stage.js';

let stage: Stage;
beforeEach(async () => {
  stage = await new Stage().open();
});
afterEach(() => stage.actors.stop());

test('the retry of a recent send is answered from memory: nothing is written, and the unique index has nothing to refuse', async () => {
  let writes = 0;
  stage.append = (real, records) => {
    writes++;
    return real(records);
  };
  const { message } = await stage.send('first', 'n');
  expect(await stage.send('again', 'n')).toMatchObject({ created: false, message: { id: message.id, content: 'first' } });
  expect(writes).toBe(1);
});
