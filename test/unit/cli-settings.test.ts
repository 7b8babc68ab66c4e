// How options and environment become settings.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigurationError, UsageError } from '../../extension/cli/cli-errors.ts';
import { resolveSettings } from '../../extension/cli/settings.ts';

describe('cli settings', () => {
  test('cli settings - without anything the local bus and the agent rockbot are used', () => {
    const { busUrl, agent, credentialsFile } = resolveSettings({ json: false }, {});
    assert.deepEqual([busUrl, agent, credentialsFile], ['ws://127.0.0.1:4223', 'rockbot', undefined]);
  });

  test('cli settings - options win over the environment', () => {
    const env = { ROCKBOT_NATS_URL: 'wss://env/', ROCKBOT_AGENT: 'env', ROCKBOT_CREDS: '/env', WorkIQ__CaFile: '/ca' };
    assert.deepEqual(resolveSettings({ json: true }, env).credentialsFile, { kind: 'creds', path: '/env' });
    const settings = resolveSettings({ json: true, nats: 'ws://option', agent: 'option', nkey: '/option' }, env);
    assert.equal(settings.busUrl, 'ws://option');
    assert.equal(settings.agent, 'option');
    assert.deepEqual(settings.credentialsFile, { kind: 'nkey', path: '/option' });
    assert.equal(settings.entraCaFile, '/ca');
  });

  const wrong: [string, Parameters<typeof resolveSettings>[0], NodeJS.ProcessEnv, unknown, RegExp][] = [
    ['an http address', { json: false, nats: 'http://x' }, {}, UsageError, /--nats is no ws/],
    [
      'an http address in the environment',
      { json: false },
      { ROCKBOT_NATS_URL: 'x' },
      ConfigurationError,
      /ROCKBOT_NATS_URL/,
    ],
    ['a password in the address', { json: false, nats: 'ws://u:p@h' }, {}, UsageError, /holds credentials/],
    ['a name that is no subject token', { json: false, agent: 'a.b' }, {}, UsageError, /no name of an agent/],
    [
      'two files of credentials',
      { json: false },
      { ROCKBOT_NKEY: 'a', ROCKBOT_CREDS: 'b' },
      ConfigurationError,
      /exclude/,
    ],
  ];
  for (const [what, globals, env, kind, message] of wrong) {
    test(`cli settings - ${what} is refused`, () => {
      assert.throws(
        () => resolveSettings(globals, env),
        (error) => {
          assert.ok(error instanceof (kind as typeof UsageError));
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /u:p/);
          return true;
        },
      );
    });
  }
});
