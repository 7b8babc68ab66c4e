// docs/notices.md: its ways to verify a signature work as they stand, and it names every message and rule there is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { WebhookType } from '../../agent/webhook/webhook-notice.ts';
import { parseWebhookSecret, webhookHeaders } from '../../agent/webhook/webhook-signature.ts';

const text = readFileSync(new URL('../../docs/notices.md', import.meta.url), 'utf8');
const block = (language: string): string =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? assert.fail(`no ${language} in the document`);

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}\n`;
const body = '{"type":"auth.restored","data":{"text":"Grüße, wieder da"}}';

function signed(timestamp: number): Record<string, string> {
  const parsed = parseWebhookSecret(secret) ?? assert.fail('no secret');
  return webhookHeaders({ id: 'one.restored', timestamp, body }, parsed);
}

const now = Math.floor(Date.now() / 1_000);
const cases: readonly [Record<string, string>, string, boolean][] = [
  [signed(now), body, true],
  [{ ...signed(now), 'webhook-signature': `v1,AAAA ${signed(now)['webhook-signature']}` }, body, true],
  [signed(now), `${body} `, false],
  [signed(now - 3_600), body, false],
  [{ ...signed(now), 'webhook-id': 'another' }, body, false],
  [{ ...signed(now), 'webhook-signature': 'v1,' }, body, false],
];

test('notices - the signature is verified by the Node of the document', async () => {
  const module = (await import(`data:text/javascript,${encodeURIComponent(block('js'))}`)) as {
    verify: (headers: Record<string, string>, body: string, secret: string) => boolean;
  };
  for (const [headers, received, expected] of cases) assert.equal(module.verify(headers, received, secret), expected);
});

test('notices - the signature is verified by the Python of the document', (t) => {
  const program = `${block('python')}\nimport json, sys\ngiven = json.load(sys.stdin)\nprint(json.dumps([verify(h, b, given["secret"]) for h, b, _ in given["cases"]]))`;
  const ran = spawnSync('python3', ['-c', program], {
    encoding: 'utf8',
    input: JSON.stringify({ cases, secret }),
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  });
  if (ran.error !== undefined) {
    t.skip(`python3 is not on this machine (${(ran.error as NodeJS.ErrnoException).code})`);
    return;
  }
  assert.equal(ran.stderr, '');
  assert.deepEqual(
    JSON.parse(ran.stdout),
    cases.map(([, , expected]) => expected),
  );
});

test('notices - every type of message and every alert rule is named, and the example is a message', () => {
  const types: Record<WebhookType, true> = {
    'auth.sign_in_needed': true,
    'auth.restored': true,
    'auth.degraded': true,
    'auth.ending_soon': true,
    'patrol.blind': true,
    'patrol.failed': true,
    'patrol.recovered': true,
  };
  for (const type of Object.keys(types)) assert.ok(text.includes(`\`${type}\``), type);
  const rules = readFileSync(new URL('../../deploy/prometheus/rockbot.rules.yaml', import.meta.url), 'utf8');
  for (const [, name = ''] of text.matchAll(/`(RockBot\w+)`/g)) assert.ok(rules.includes(`alert: ${name}\n`), name);
  const example = JSON.parse(block('json')) as { type: string; data: { text: string; reason: { action: string } } };
  assert.ok(example.type in types);
  assert.ok(example.data.text.endsWith(example.data.reason.action));
});
