// The settings of the extension: each has its own plain problem, and only those that say where to connect stop the connection.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settingIds } from '../../extension/contributions.ts';
import { checkSettings } from '../../extension/doctor/check-credentials.ts';
import { readSettings } from '../../extension/settings.ts';

const id = (name: keyof typeof settingIds) => settingIds[name];
const read = (given: Partial<Record<keyof typeof settingIds, unknown>>) => {
  const byId = Object.fromEntries(Object.entries(given).map(([name, value]) => [id(name as 'natsUrl'), value]));
  return readSettings((setting) => byId[setting]);
};

describe('settings', () => {
  const wrong: [name: keyof typeof settingIds, value: unknown, says: string][] = [
    ['signIn', 'sometimes', 'rockbot.workiq.signIn must be "auto", "browser" or "deviceCode", not "sometimes".'],
    [
      'agentPublicKey',
      'SHA256:short',
      'rockbot.agent.publicKey must be a fingerprint, "SHA256:" and 43 letters, digits, "-" or "_", not "SHA256:short".',
    ],
    ['tenantId', 7, 'rockbot.workiq.tenantId must be a text.'],
  ];
  for (const [name, value, says] of wrong)
    test(`settings - a wrong ${name} is told in its own words, and the bus is connected all the same`, () => {
      const settings = read({ natsUrl: 'wss://bus.example', [name]: value });
      assert.deepEqual(settings.problems, [says]);
      assert.equal(settings.connectionProblem, undefined);
      assert.equal(settings.natsUrl, 'wss://bus.example');
      const [found] = checkSettings({ problems: [], warnings: settings.problems, summary: '' });
      assert.deepEqual([found?.severity, found?.what], ['warning', says]);
    });

  for (const [name, value] of [
    ['natsUrl', 'http://x'],
    ['natsUrl', `wss://bus.example/${'x'.repeat(200_000)}`],
    ['agentName', 'Has Space'],
  ] as const)
    test(`settings - a wrong ${name} (${value.slice(0, 20)}) stops the connection`, () => {
      const settings = read({ signIn: 'sometimes', [name]: value });
      assert.ok(settings.connectionProblem?.startsWith(`${id(name)} must be `), settings.connectionProblem);
      assert.equal(settings.problems.length, 2);
    });

  test('settings - a key that is none is trusted by nobody, and no setting is cited at length', () => {
    for (const value of ['x'.repeat(100_000), 7, 'SHA256:']) {
      const { agentPublicKey, problems } = read({ agentPublicKey: value });
      assert.notEqual(agentPublicKey, undefined, 'another key would be trusted at its first sight');
      assert.ok((agentPublicKey ?? '').length < 100);
      assert.ok((problems[0]?.length ?? 0) < 250, problems[0]);
    }
    for (const good of ['', `SHA256:${'a'.repeat(43)}`, '-'.repeat(43)])
      assert.deepEqual(read({ agentPublicKey: good }).problems, []);
  });
});
