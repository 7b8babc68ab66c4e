// What entries over the bus take over from the operator's, and that no spelling of an address gets round it.
import assert from 'node:assert/strict';
import { hostname, networkInterfaces } from 'node:os';
import { describe, test } from 'node:test';
import { inheritedBy, operatorsEntries, withInherited } from '../../agent/bridge/inherited-restrictions.ts';
import { serverAddress } from '../../agent/bridge/server-address.ts';
import { ServerGuards } from '../../agent/bridge/server-guards.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { parseMcpConfig, parseServer } from '../../shared/mcp-config/parse-mcp-config.ts';
import type { ServerEntry } from '../../shared/mcp-config/server-entry.ts';

const profiles = ['workiq', 'mail'];
const lookup = (name: string): string | undefined => (name === 'HOST' ? 'h.example' : undefined);
const url = 'https://h.example/mcp';

function entryOf(raw: object): ServerEntry {
  const { entry, problems } = parseServer('twin', raw, profiles);
  assert.ok(entry, problems.join());
  return entry;
}

function inheritedFrom(servers: object, raw: object, inForce: Record<string, object> = {}) {
  const parsed = parseMcpConfig(JSON.stringify({ mcpServers: servers }), { profiles });
  assert.ok(parsed.ok);
  const operators = operatorsEntries(parsed.servers, {
    inForce: (name) => (inForce[name] === undefined ? undefined : entryOf(inForce[name])),
    lookup,
  });
  return inheritedBy(entryOf(raw), operators, lookup);
}

const namesIn = (inherited: ReturnType<typeof inheritedFrom>): string[] => inherited.entries.map(({ name }) => name);

describe('inherited restrictions', () => {
  const workiq = { profile: 'workiq' };
  const operators = {
    guarded: { url: 'https://a.example/mcp', auth: workiq, guards: 'read-only' },
    mail: { url: 'https://a.example/mail', auth: { profile: 'mail' }, limits: { callsPerDay: 5 } },
    plain: { url: 'https://${HOST}/mcp', deniedTools: ['x'] },
    registered: { url, auth: workiq, guards: 'full', registeredOverBus: true },
  };
  const table: [what: string, raw: object, expected: string[]][] = [
    ['the same profile at another address', { url: 'https://b.example/', auth: workiq }, ['guarded']],
    ['another profile', { url: 'https://b.example/', auth: { profile: 'mail' } }, ['mail']],
    ['the same address without a profile', { url: 'https://a.example/mcp' }, ['guarded']],
    [
      'the same address with another profile',
      { url: 'https://a.example/mcp', auth: { profile: 'mail' } },
      ['guarded', 'mail'],
    ],
    ['an address with a variable', { url }, ['plain']],
    ['another path of the same host', { url: 'https://h.example/other' }, []],
    ['another host', { url: 'https://b.example/mcp' }, []],
  ];
  for (const [what, raw, expected] of table) {
    test(`inherited restrictions - of ${what}: ${expected.join(', ') || 'none'}`, () => {
      assert.deepEqual(namesIn(inheritedFrom(operators, raw)), expected);
    });
  }

  for (const same of [
    'https://h.example/mcp/',
    'https://H.EXAMPLE:443/MCP',
    'http://h.example/mcp',
    'http://h.example:443/mcp',
    'https://h.example./mcp',
    'https://h.example//mcp',
    'https://h.example/%6dcp',
    'https://h.example/x/../mcp',
    'https://h.example/mcp?x=1',
    'https://h.example/mcp#x',
  ]) {
    test(`inherited restrictions - ${same} is the same server`, () => {
      assert.equal(serverAddress(same, lookup), serverAddress(url, lookup));
    });
  }

  test('inherited restrictions - names of this machine are one, its ports are not', () => {
    const at = (text: string): string | undefined => serverAddress(text, lookup);
    assert.equal(at('http://localhost:3000/mcp'), at('http://127.0.0.1:3000/mcp'));
    assert.equal(at('http://[::1]:3000/mcp'), at('http://127.0.0.1:3000/mcp'));
    assert.notEqual(at('http://127.0.0.1:3001/mcp'), at('http://127.0.0.1:3000/mcp'));
    const others = ['0.0.0.0', '[::]', '[::ffff:127.0.0.1]', '127.1', 'localhost.', 'any.localhost', hostname()];
    const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const addresses = own.map(({ family, address }) => (family === 'IPv6' ? `[${address}]` : address));
    for (const host of [...others, ...addresses])
      assert.equal(at(`http://${host}:3000/mcp`), at('http://127.0.0.1:3000/mcp'), host);
  });

  test('inherited restrictions - an IPv4 address in IPv6 form is the same server', () => {
    const at = (text: string): string | undefined => serverAddress(text, lookup);
    assert.equal(at('http://[::ffff:192.0.2.7]/mcp'), at('http://192.0.2.7/mcp'));
    assert.notEqual(at('http://[::ffff:192.0.2.8]/mcp'), at('http://192.0.2.7/mcp'));
  });

  test('inherited restrictions - what restricts and cannot be read blocks its twin, unless a good state is in force [P14]', () => {
    const broken = { mail: { url, auth: workiq, guards: 'raed-only' } };
    assert.equal(inheritedFrom(broken, { url }).blockedBy, 'mail');
    assert.equal(inheritedFrom(broken, { url: 'https://b.example/', auth: workiq }).blockedBy, 'mail');
    assert.equal(inheritedFrom(broken, { url: 'https://b.example/' }).blockedBy, undefined);
    assert.equal(inheritedFrom({ mail: { url, limits: { callsPerDay: 'five' } } }, { url }).blockedBy, 'mail');
    const wrong = { mail: { url, guards: 'read-only', auth: { profile: 'unknown' } } };
    assert.equal(inheritedFrom(wrong, { url }).blockedBy, 'mail');
    const good = inheritedFrom(wrong, { url }, { mail: { url, guards: 'no-send' } });
    assert.equal(good.blockedBy, undefined);
    assert.equal(good.entries[0]?.guards, 'no-send');
    const harmless = { mail: { url, auth: { profile: 'unknown' } } };
    assert.equal(inheritedFrom(harmless, { url }).blockedBy, undefined);
  });

  test('inherited restrictions - a server that the operator has switched off stays off at its address', () => {
    const off = { mail: { url, auth: workiq, enabled: false } };
    assert.equal(inheritedFrom(off, { url }).isDisabled, true);
    assert.equal(inheritedFrom(off, { url: 'https://b.example/', auth: workiq }).isDisabled, false);
    assert.equal(withInherited(entryOf({ url }), inheritedFrom(off, { url })).enabled, false);
  });

  test('inherited restrictions - as few calls run and wait as the operator lets them', () => {
    const inherited = inheritedFrom(
      { a: { url, limits: { concurrent: 4, queued: 9 } }, b: { url, limits: { concurrent: 2 } } },
      { url },
    );
    const limits = { concurrent: 3, callsPerDay: 7 };
    assert.deepEqual(withInherited(entryOf({ url, limits }), inherited).limits, {
      concurrent: 2,
      queued: 9,
      callsPerDay: 7,
    });
  });

  test('inherited restrictions - guards and filters hold for the twin, and the denial says whose they are', () => {
    const servers = { mail: { url, guards: 'read-only', allowedTools: ['fetch', 'a tool/with "signs"'] } };
    const { entries } = inheritedFrom(servers, { url });
    const guards = new ServerGuards({ server: 'twin', entry: {}, profile: undefined, inherited: entries });
    assert.ok(guards.areRestricting);
    guards.check({ name: 'fetch', sideEffects: 'read' }, { entityUrls: ['/me'] });
    guards.check({ name: 'a tool/with "signs"', sideEffects: 'read' }, {});
    for (const tool of [
      { name: 'do_action', sideEffects: 'write' },
      { name: 'ask', sideEffects: 'read' },
    ] as const)
      assert.throws(
        () => guards.check(tool, { actionUrl: '/me/sendMail' }),
        (error) => error instanceof RockBotError && /the operator's entry "mail"/.test(error.action ?? ''),
      );
    assert.equal(guards.hides({ name: 'ask', sideEffects: 'read' })?.code, 'denied');
  });
});
