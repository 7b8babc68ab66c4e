// What an operator's alerting hears of the sign-in, from the agent as a whole: one message per episode and end, through outages of
// the receiver and restarts of the agent, and a warning before a sign-in ends that can be foreseen.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { freePort } from '../support/free-port.ts';
import { parsePrometheusText } from '../support/prometheus-text.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, webhookSecret, type WebhookReceiver } from '../support/webhook-receiver.ts';

let folder: string;
let secretFile: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockbot-webhook-'));
  secretFile = join(folder, 'webhook-secret');
  await writeFile(secretFile, `${webhookSecret}\n`, { mode: 0o600 });
});
after(() => rm(folder, { recursive: true, force: true }));

const environment = (url: string): Record<string, string> => ({
  Notify__WebhookUrl: url,
  Notify__WebhookSecretFile: secretFile,
});

const state = (stack: Stack): Promise<AuthState> => stack.ui.request('authState', {});
const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'ok',
    (error: unknown) => (error instanceof RockBotError ? error.code : String(error)),
  );
const fetchMe = (stack: Stack): Promise<string> => codeOf(stack.call('fetch', { entityUrls: ['/me'] }));
const types = (receiver: WebhookReceiver): string[] => receiver.received.map(({ type }) => type);

async function ready(stack: Stack): Promise<void> {
  await until('the server is ready', async () => {
    const { servers } = await stack.ui.request('toolList', {});
    return servers[0]?.state === 'ready';
  });
}

async function revoke(stack: Stack): Promise<string> {
  await stack.entra.control.revokeRefreshTokens({ aadsts: 50173 });
  await stack.entra.control.revokeAccessTokens({});
  assert.equal(await fetchMe(stack), 'auth_required');
  return (await state(stack)).episodeId ?? assert.fail('there is no episode');
}

async function metric(stack: Stack, name: string, labels?: Record<string, string>): Promise<number | undefined> {
  const response = await fetch(`http://127.0.0.1:${stack.agent.httpPort}/metrics`);
  return parsePrometheusText(await response.text()).value(name, labels);
}

test('webhook - a revoked sign-in is told once, with the user, the reason and the next step, and so is its end [S5, P13, P6]', async () => {
  await using receiver = await startWebhookReceiver();
  await using stack = await startStack({ agentEnv: environment(receiver.url) });
  await stack.connect();
  await ready(stack);
  const episodeId = await revoke(stack);
  for (let more = 0; more < 3; more++) assert.equal(await fetchMe(stack), 'auth_required');
  await until('it was told', () => receiver.accepted().length > 0);
  const [needed] = receiver.received;
  assert.equal(needed?.isSigned, true);
  assert.equal(needed.id, `${episodeId}.sign_in_needed`);
  const { account, reason, nextStep } = await state(stack);
  assert.deepEqual(nextStep, { kind: 'sign_in' });
  assert.deepEqual(needed.data, {
    agent: 'rockbot',
    text: `The Microsoft 365 sign-in of adele@contoso.example has ended. ${reason?.message} ${reason?.action}`,
    episodeId,
    account,
    reason,
    nextStep,
  });

  // Neither an orderly restart nor a kill tells it again.
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) await stack.restartAgent({ signal });
  assert.equal((await state(stack)).episodeId, episodeId);
  await stack.connect();
  await until('the end was told', () => types(receiver).includes('auth.restored'));
  assert.deepEqual(receiver.accepted(), [`${episodeId}.sign_in_needed`, `${episodeId}.restored`]);
  assert.equal(await metric(stack, 'rockbot_webhook_deliveries_total', { outcome: 'ok' }), 1);
  const told = receiver.received.map(({ body, headers }) => body + JSON.stringify(headers)).join();
  for (const { kind, value } of await stack.entra.control.secrets())
    if (kind !== 'device_code' || value.length > 8) assert.ok(!told.includes(value), kind);
  assert.ok(!stack.output().includes('team=ops'), 'the log names the host alone');
});

test('webhook - a receiver that is down while the agent is killed and started again gets everything once, in order', async () => {
  const port = await freePort();
  await using stack = await startStack({ agentEnv: environment(`http://127.0.0.1:${port}/`) });
  await stack.connect();
  await ready(stack);
  // What is not on the volume when it is killed, the agent finds out anew.
  const stored = (episode: string): Promise<unknown> =>
    until('the agent has stored the episode', async () => {
      const files = ['secrets/workiq-cache.bin', 'webhook-queue.json'];
      const texts = await Promise.all(
        files.map((file) => readFile(join(stack.agent.dataDir, file), 'utf8').catch(() => '')),
      );
      return texts.every((text) => text.includes(episode));
    });
  const first = await revoke(stack);
  await stored(first);
  await until(
    'it was tried',
    async () => ((await metric(stack, 'rockbot_webhook_deliveries_total', { outcome: 'failed' })) ?? 0) > 0,
  );
  await stack.restartAgent({ signal: 'SIGKILL' });
  await stack.connect();
  await ready(stack);
  const second = await revoke(stack);
  await stored(second);
  await stack.restartAgent({ signal: 'SIGKILL' });
  await using receiver = await startWebhookReceiver({ port });
  await until('all came', () => receiver.accepted().length === 3, { timeoutMs: 60_000 });
  assert.deepEqual(receiver.accepted(), [`${first}.sign_in_needed`, `${first}.restored`, `${second}.sign_in_needed`]);
  assert.ok(receiver.received.every(({ isSigned }) => isSigned));
});

test('webhook - a receiver that never answers delays nothing else', async () => {
  await using receiver = await startWebhookReceiver();
  receiver.answer = () => 'hang';
  await using stack = await startStack({ agentEnv: environment(receiver.url) });
  await stack.connect();
  await ready(stack);
  await revoke(stack);
  await until('it is asked', () => receiver.received.length > 0);
  await stack.connect();
  await ready(stack);
  assert.equal(await fetchMe(stack), 'ok');
  await stack.restartAgent();
  assert.equal((await state(stack)).status, 'connected');
});

test('webhook - consent that is missing goes to the administrator with the link, word by word', async () => {
  await using receiver = await startWebhookReceiver();
  await using stack = await startStack({ agentEnv: environment(receiver.url) });
  const notices: unknown[] = [];
  stack.ui.subscribe('authExpired', (notice) => void notices.push(notice));
  await stack.connect();
  await ready(stack);
  await stack.entra.control.addFault({
    grantType: 'refresh_token',
    times: 'all',
    action: { kind: 'aadsts', code: 65001 },
  });
  await stack.entra.control.revokeAccessTokens({});
  assert.equal(await fetchMe(stack), 'consent_required');
  await until('both were told', () => receiver.accepted().length === 1 && notices.length === 1);
  const { tenantId, clientId, authority } = stack.entra;
  const url = `${new URL(authority).origin}/${tenantId}/adminconsent?client_id=${clientId}`;
  const { nextStep, reason, account } = await state(stack);
  assert.deepEqual(nextStep, { kind: 'ask_admin', url });
  assert.ok(reason?.action.includes(`open ${url} and consent`), reason?.action);
  assert.deepEqual(receiver.received[0]?.data['nextStep'], nextStep);
  const [notice] = notices as { username: string; nextStep: unknown }[];
  assert.deepEqual([notice?.username, notice?.nextStep], [account?.username, nextStep]);

  // Lifted by the administrator: nobody has to sign in.
  await stack.entra.control.clearFaults();
  await stack.restartAgent();
  await until('the end was told', () => types(receiver).includes('auth.restored'));
  assert.equal(receiver.received.length, 2);
});

test('webhook - a sign-in frequency is learnt from the first refusal, and the next end is told ahead, once', async () => {
  await using receiver = await startWebhookReceiver();
  await using stack = await startStack({
    entra: { accessTokenLifeSeconds: 2, signInFrequencySeconds: 9 },
    agentEnv: environment(receiver.url),
  });
  await stack.connect();
  assert.equal((await state(stack)).endsAt, undefined, 'nothing is known yet');
  await until(
    'the sign-in is over',
    async () => {
      await fetchMe(stack);
      return (await state(stack)).status === 'expired';
    },
    { timeoutMs: 60_000 },
  );
  const { reason, episodeId } = await state(stack);
  assert.equal(reason?.aadsts, 'AADSTS70043');
  assert.match(reason?.message ?? '', /every 9 seconds \(learnt\)/);

  // It is remembered over a restart, also by the next sign-in.
  await stack.restartAgent();
  await stack.connect();
  const { endsAt, since } = await state(stack);
  assert.equal(endsAt?.cause, 'sign_in_frequency');
  assert.equal(endsAt.message, 'The tenant asks for a sign-in every 9 seconds (learnt).');
  assert.ok(Math.abs(Date.parse(endsAt.at) - Date.parse(since) - 9_000) < 2_000, `${endsAt.at} ${since}`);
  const end = await metric(stack, 'rockbot_auth_expected_end_timestamp_seconds');
  assert.equal(end, Date.parse(endsAt.at) / 1_000);
  const warning = await until(
    'the warning came',
    () => receiver.received.find(({ type }) => type === 'auth.ending_soon'),
    { timeoutMs: 60_000 },
  );
  assert.equal(warning.data['endsAt'], endsAt.at);
  assert.match(`${warning.data['text']}`, /Sign in again before that/);
  await until(
    'the second one is over',
    async () => {
      await fetchMe(stack);
      return (await state(stack)).status === 'expired';
    },
    { timeoutMs: 60_000 },
  );
  assert.equal((await state(stack)).endsAt, undefined);
  await until('its end was told', () => types(receiver).length === 4);
  assert.deepEqual(types(receiver), [
    'auth.sign_in_needed',
    'auth.restored',
    'auth.ending_soon',
    'auth.sign_in_needed',
  ]);
  assert.equal(receiver.received[1]?.data['episodeId'], episodeId);
});
