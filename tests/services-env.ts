/** The services that `npm test` starts for the tests. A test that needs one fails without it: nothing is skipped silently. */
const needed = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this by npm test, which starts the services`);
  return value;
};

export const testRedisUrl = (): string => needed('TEST_REDIS_URL');
export const testMongodbUrl = (): string => needed('TEST_MONGODB_URL');
