import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHostRules, hostName } from '../../../src/gateway/rest/hosts.js';

const rules = createHostRules({
  publicUrl: 'https://Chat.example.org:8443',
  allowedHosts: ['Parley.internal', '10.0.0.9', '2001:db8::9'],
  listensAt: '0.0.0.0',
});
const here = { localAddress: '::ffff:192.168.1.5', probe: false };

describe('hosts', () => {
  it('are read in one way alone', () => {
    const table: [string, string | undefined][] = [
      ['chat.example.org', 'chat.example.org'],
      ['CHAT.example.org:443', 'chat.example.org'],
      ['[2001:DB8::1]:80', '2001:db8::1'],
      ['[::ffff:127.0.0.1]', '127.0.0.1'],
      ['2001:db8::1', undefined],
      ['a:b', undefined],
      ['a:80:80', undefined],
      ['a@b', undefined],
      ['a b', undefined],
      ['a,b', undefined],
      ['a/b', undefined],
      ['a%62', undefined],
      ['a#', undefined],
      ['a\\b', undefined],
      ['', undefined],
      [':80', undefined],
    ];
    for (const [host, name] of table) expect([host, hostName(host)]).toEqual([host, name]);
  });

  it('are those of the configuration, of the machine itself and of the address that was called', () => {
    for (const host of [
      'chat.example.org',
      'chat.example.org:80',
      'parley.internal',
      '10.0.0.9:3000',
      '[2001:db8::9]',
      'localhost:1',
      '127.8.8.8',
      '[::1]',
      '192.168.1.5:3000',
    ]) {
      expect([host, rules(host, here)]).toEqual([host, true]);
    }
    for (const host of [
      'example.org',
      'a.chat.example.org',
      'chat.example.org.',
      'localhost.example',
      'a.localhost',
      '0.0.0.0',
      '[::]',
      '192.168.1.6',
      '127.1',
      '0x7f.0.0.1',
      '',
    ]) {
      expect([host, rules(host, here)]).toEqual([host, false]);
    }
    expect(rules('10.96.0.1', { ...here, probe: true })).toBe(true);
    expect(rules('evil.example', { ...here, probe: true })).toBe(false);
    expect(createHostRules({ publicUrl: null, allowedHosts: [], listensAt: 'chat.internal' })('chat.internal:3000', here)).toBe(true);
  });

  it('no other name is, whatever it is made of', () => {
    const parts = fc.constantFrom('chat', 'example', 'org', 'evil', '127', '0', '1', 'localhost', 'parley', 'internal', '');
    const ours = ['chat.example.org', 'parley.internal', 'localhost'];
    fc.assert(
      fc.property(fc.array(parts, { minLength: 1, maxLength: 6 }), fc.constantFrom('.', '@', '#', '%2e', '/', ' '), (words, mark) => {
        const name = words.join(mark);
        fc.pre(!ours.includes(name) && !/^127(\.\d+){3}$/.test(name));
        expect(rules(name, here)).toBe(false);
      }),
    );
  });
});
