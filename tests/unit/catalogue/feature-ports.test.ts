import { expect, test } from '@jest/globals';
import type { Auth } from '../../../src/catalogue/auth.js';
import { type FeaturePorts, featurePorts, type GivenPorts } from '../../../src/catalogue/feature-ports.js';

const given = (more: Partial<GivenPorts> = {}): GivenPorts => ({ publicUrl: null, ...more }) as GivenPorts;

class Cache {
  static made = 0;
  readonly ports: FeaturePorts;
  constructor(ports: FeaturePorts) {
    Cache.made++;
    this.ports = ports;
  }
}
class Other extends Cache {}

test('there is one of a kind in each process, made when it is first asked for', () => {
  const [here, elsewhere] = [featurePorts(given(), () => []), featurePorts(given(), () => [])];
  expect(Cache.made).toBe(0);
  const first = here.one(Cache);
  expect(here.one(Cache)).toBe(first);
  expect(first.ports).toBe(here);
  expect(here.one(Other)).not.toBe(first);
  expect(elsewhere.one(Cache)).not.toBe(first);
  expect(Cache.made).toBe(3);
});

test('one that cannot be made is tried again', () => {
  let tries = 0;
  class Moody {
    constructor(_ports: FeaturePorts) {
      tries++;
      if (tries === 1) throw new Error('not now');
    }
  }
  const ports = featurePorts(given(), () => []);
  expect(() => ports.one(Moody)).toThrow('not now');
  expect(ports.one(Moody)).toBe(ports.one(Moody));
  expect(tries).toBe(2);
});

test('who people are is known where they come in, and asking for it elsewhere is a defect', () => {
  const auth = {} as Auth;
  expect(featurePorts(given({ auth }), () => []).auth).toBe(auth);
  expect(() => featurePorts(given(), () => []).auth).toThrow('nobody comes in here');
});
