// The settings of the operator's webhook: a safe address and a secret, or a start that is refused with what to do.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loadConfig } from '../../agent/config/agent-config.ts';
import { ConfigError } from '../../agent/config/config-problems.ts';
import { webhookHeaders } from '../../agent/webhook/webhook-signature.ts';
import { Secret } from '../../shared/secret.ts';

let folder: string;
const file = (name: string): string => join(folder, name);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockbot-notify-'));
  await writeFile(file('good'), 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\n');
  await writeFile(file('bare'), 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3');
  await writeFile(file('short'), 'whsec_c2hvcnQ=');
  await writeFile(file('words'), 'correct horse battery staple, and so on');
  await writeFile(file('empty'), '');
});
after(() => rm(folder, { recursive: true, force: true }));

const load = (more: Record<string, string>) =>
  loadConfig({ WorkIQ__TenantId: '00000000-0000-4000-8000-00000000aaaa', WorkIQ__ClientId: 'client', ...more });

function problemsOf(more: Record<string, string>): readonly string[] {
  try {
    load(more);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('notify settings', () => {
  test('notify settings - without them there is no webhook', () => {
    assert.equal(load({}).webhook, undefined);
  });

  test('notify settings - https anywhere, and http on this machine, with a secret in either form', () => {
    for (const address of [
      'https://alerts.example/hook?team=a',
      'http://127.0.0.1:9000/',
      'http://localhost/x',
      'http://[::1]:1/',
    ])
      for (const name of ['good', 'bare']) {
        const { webhook } = load({ Notify__WebhookUrl: address, Notify__WebhookSecretFile: file(name) });
        assert.equal(webhook?.url.href, new URL(address).href);
        assert.equal(webhook.secret.reveal(), 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3');
        assert.doesNotMatch(JSON.stringify(webhook), /MDEy/);
      }
  });

  const address = 'https://alerts.example/very-secret-path';
  const wrong: readonly [string, () => Record<string, string>, RegExp][] = [
    [
      'an address without a secret',
      () => ({ Notify__WebhookUrl: address }),
      /WebhookSecretFile is missing.*openssl rand/,
    ],
    ['a secret without an address', () => ({ Notify__WebhookSecretFile: file('good') }), /without Notify__WebhookUrl/],
    [
      'http to another machine',
      () => ({ Notify__WebhookUrl: 'http://alerts.example/very-secret-path', Notify__WebhookSecretFile: file('good') }),
      /no https:\/\/ address/,
    ],
    [
      'no address at all',
      () => ({ Notify__WebhookUrl: 'very-secret-path', Notify__WebhookSecretFile: file('good') }),
      /no https:\/\/ address/,
    ],
    [
      'another scheme',
      () => ({ Notify__WebhookUrl: 'file:///very-secret-path', Notify__WebhookSecretFile: file('good') }),
      /no https:\/\/ address/,
    ],
    [
      'credentials in the address',
      () => ({
        Notify__WebhookUrl: 'https://user:very-secret-path@alerts.example/',
        Notify__WebhookSecretFile: file('good'),
      }),
      /user name or password/,
    ],
    [
      'a secret that is too short',
      () => ({ Notify__WebhookUrl: address, Notify__WebhookSecretFile: file('short') }),
      /holds no webhook secret/,
    ],
    [
      'a secret of words',
      () => ({ Notify__WebhookUrl: address, Notify__WebhookSecretFile: file('words') }),
      /holds no webhook secret/,
    ],
    [
      'an empty secret',
      () => ({ Notify__WebhookUrl: address, Notify__WebhookSecretFile: file('empty') }),
      /holds no webhook secret/,
    ],
    [
      'a secret file that is missing',
      () => ({ Notify__WebhookUrl: address, Notify__WebhookSecretFile: file('none') }),
      /is no path of a file/,
    ],
    [
      'the secret in place of its file',
      () => ({ Notify__WebhookUrl: address, Notify__WebhookSecretFile: 'whsec_very-secret-path' }),
      /is no path of a file/,
    ],
    ['an empty address', () => ({ Notify__WebhookUrl: '' }), /WebhookUrl is empty/],
    ['a misspelt name', () => ({ Notify__WebHookUrl: address }), /did you mean Notify__WebhookUrl/],
  ];
  for (const [name, settings, expected] of wrong)
    test(`notify settings - ${name} stops the start, and nothing secret is quoted [P14, P6]`, () => {
      const problems = problemsOf(settings()).join('\n');
      assert.match(problems, expected);
      assert.doesNotMatch(problems, /very-secret-path/);
    });

  test('notify settings - the signature is the one of the Standard Webhooks test vector', () => {
    const headers = webhookHeaders(
      { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' },
      new Secret('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
    );
    assert.deepEqual(headers, {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });
});
