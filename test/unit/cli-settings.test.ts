// How options and environment become settings.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigurationError, UsageError } from '../../extension/cli/cli-errors.ts';
import { resolveAgentSettings, type AgentSettings } from '../../extension/cli/agent-settings.ts';
import { resolveSettings } from '../../extension/cli/settings.ts';
import { flatSettings } from '../../shared/flat-settings.ts';

describe('cli settings', () => {
  test('cli settings - without anything the local bus and the agent rockbot are used', () => {
    const { busUrl, agent, credentialsFile } = resolveSettings({ json: false }, {});
    assert.deepEqual([busUrl, agent, credentialsFile], ['ws://127.0.0.1:4223', 'rockbot', undefined]);
  });

  test('cli settings - options win over the environment', () => {
    const env = { ROCKBOT_NATS_URL: 'wss://env/', ROCKBOT_AGENT: 'env', ROCKBOT_CREDS: '/env', WorkIQ__CaFile: '/ca' };
    assert.deepEqual(resolveSettings({ json: true }, env).credentialsFile, {
      kind: 'creds',
      path: '/env',
      isOption: false,
    });
    const settings = resolveSettings({ json: true, nats: 'ws://option', agent: 'option', nkey: '/option' }, env);
    assert.equal(settings.busUrl, 'ws://option');
    assert.equal(settings.agent, 'option');
    assert.deepEqual(settings.credentialsFile, { kind: 'nkey', path: '/option', isOption: true });
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

describe('cli settings of the agent that it starts', () => {
  const resolved = (
    globals: Partial<Parameters<typeof resolveSettings>[0]>,
    env: NodeJS.ProcessEnv,
    file: object = {},
  ): AgentSettings =>
    resolveAgentSettings(
      resolveSettings({ json: false, ...globals }, env),
      flatSettings(env, { file: 'agent.json', value: file }),
    );

  test('cli settings of the agent - without any the agent is left its own defaults', () => {
    const { env, busUrl, agent } = resolved({}, {});
    assert.deepEqual([env, busUrl, agent], [{}, 'ws://127.0.0.1:4223', 'rockbot']);
  });

  test("cli settings of the agent - its own environment and file are taken, and not repeated in what it's given", () => {
    const file = { Nats: { Url: 'ws://file:1', CaFile: '/file/ca' }, Agent: { Name: 'filed' } };
    const fromFile = resolved({}, {}, file);
    assert.deepEqual(
      [fromFile.busUrl, fromFile.agent, fromFile.busCaFile, fromFile.env],
      ['ws://file:1', 'filed', '/file/ca', {}],
    );
    const fromEnv = resolved({}, { Nats__Url: ' ws://env:1 ', Agent__Name: 'env' }, file);
    assert.deepEqual([fromEnv.busUrl, fromEnv.agent, fromEnv.env], ['ws://env:1', 'env', {}]);
  });

  test('cli settings of the agent - an option or a ROCKBOT_ variable wins over both', () => {
    const own = { Nats__Url: 'ws://own:1', Agent__Name: 'own' };
    const expected = { Nats__Url: 'ws://said:1', Agent__Name: 'said' };
    assert.deepEqual(resolved({ nats: 'ws://said:1', agent: 'said' }, own).env, expected);
    const { env, busUrl, agent } = resolved({}, { ...own, ROCKBOT_NATS_URL: 'ws://said:1', ROCKBOT_AGENT: 'said' });
    assert.deepEqual([env, busUrl, agent], [expected, 'ws://said:1', 'said']);
  });

  test("cli settings of the agent - credentials given as an option are the agent's, whatever it had", () => {
    const own = { Nats__CredsFile: '/own.creds' };
    const nkey = resolved({ nkey: '/me.nk' }, own);
    assert.deepEqual(nkey.env, { Nats__NkeySeedFile: '/me.nk', Nats__CredsFile: '' });
    assert.equal(nkey.usesCliCredentials, true);
    assert.deepEqual(resolved({ creds: '/me.creds' }, {}).env, {
      Nats__NkeySeedFile: '',
      Nats__CredsFile: '/me.creds',
    });
  });

  test("cli settings of the agent - a person's key in a variable is used by an agent that has none of its own, only", () => {
    assert.deepEqual(resolved({}, { ROCKBOT_NKEY: '/me.nk' }).env, {
      Nats__NkeySeedFile: '/me.nk',
      Nats__CredsFile: '',
    });
    const own = resolved({}, { ROCKBOT_NKEY: '/me.nk' }, { Nats: { NkeySeedFile: '/agent.nk' } });
    assert.deepEqual([own.env, own.usesCliCredentials], [{}, false]);
  });
});
