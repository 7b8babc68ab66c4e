// Delivery of webhook messages to a real HTTP receiver that is down, slow, broken or gone: signed, in order, each once by its id.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createDispatcher } from '../../agent/dispatcher.ts';
import { keptText } from '../../agent/files/kept-text.ts';
import type { WebhookNotice } from '../../agent/webhook/webhook-notice.ts';
import type { WebhookOutcome } from '../../agent/webhook/webhook-outcome.ts';
import { WebhookSender, type WebhookSenderOptions } from '../../agent/webhook/webhook-sender.ts';
import { parseWebhookSecret } from '../../agent/webhook/webhook-signature.ts';
import { systemClock } from '../../shared/clock.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, webhookSecret } from '../support/webhook-receiver.ts';

let folder: string;
let files = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockbot-webhook-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const secret = parseWebhookSecret(webhookSecret);
if (secret === undefined) throw new Error('The secret of the test is none.');

interface Harness extends AsyncDisposable {
  sender: WebhookSender;
  outcomes: WebhookOutcome[];
  log: string[];
}

const newFile = (): string => join(folder, `queue-${++files}.json`);

async function open(url: string, more: Partial<WebhookSenderOptions> & { file?: string } = {}): Promise<Harness> {
  const outcomes: WebhookOutcome[] = [];
  const log: string[] = [];
  const write = (message: string, fields?: object): void => void log.push(`${message} ${JSON.stringify(fields)}`);
  const dispatcher = createDispatcher({ env: {} });
  const { file = newFile(), ...options } = more;
  const sender = await WebhookSender.open({
    url: new URL(url),
    secret: secret!,
    dispatcher: () => dispatcher.get(),
    agent: 'rockbot',
    kept: keptText({ path: file, delayMs: 0, onProblem: (error) => void log.push(String(error)) }),
    clock: systemClock,
    logger: { info: write, warn: write, error: write },
    onOutcome: (outcome) => void outcomes.push(outcome),
    backoff: { baseMs: 10, maxMs: 40 },
    timeoutMs: 300,
    ...options,
  });
  return {
    sender,
    outcomes,
    log,
    async [Symbol.asyncDispose]() {
      await sender.close();
      await dispatcher.close();
    },
  };
}

const notice = (id: string, more: Partial<WebhookNotice> = {}): WebhookNotice => ({
  type: 'auth.degraded',
  id,
  lane: 'auth',
  at: '2026-03-01T08:00:00.000Z',
  text: `Text of ${id}.`,
  data: { episodeId: id },
  ...more,
});

test('webhook - a message is signed as Standard Webhooks says, and says what happened to which agent when', async () => {
  await using receiver = await startWebhookReceiver();
  await using harness = await open(receiver.url);
  harness.sender.send(notice('one'));
  await until('it came', () => receiver.accepted().length === 1);
  const [message] = receiver.received;
  assert.equal(message?.isSigned, true);
  assert.equal(message.headers['content-type'], 'application/json; charset=utf-8');
  assert.deepEqual(JSON.parse(message.body), {
    type: 'auth.degraded',
    timestamp: '2026-03-01T08:00:00.000Z',
    data: { agent: 'rockbot', text: 'Text of one.', episodeId: 'one' },
  });
  await until('it was counted', () => harness.outcomes.length === 1);
  assert.deepEqual(harness.outcomes, ['ok']);
});

test('webhook - through 500s, no answer and a dropped connection each message arrives once by id, and in order', async () => {
  await using receiver = await startWebhookReceiver();
  const answers: ReturnType<typeof receiver.answer>[] = [
    { status: 500, body: 'secret of the receiver' },
    'hang',
    'drop',
    { status: 503, headers: { 'retry-after': '0' } },
    { status: 401 },
  ];
  receiver.answer = () => answers.shift() ?? { status: 200 };
  await using harness = await open(receiver.url);
  for (const id of ['one', 'two', 'three']) harness.sender.send(notice(id));
  for (const id of ['one', 'two', 'three']) harness.sender.send(notice(id));
  await until('all came', () => receiver.accepted().length === 3);
  assert.deepEqual(receiver.accepted(), ['one', 'two', 'three']);
  assert.ok(receiver.received.every(({ isSigned }) => isSigned));
  const tries = receiver.received.filter(({ id }) => id === 'one');
  assert.equal(new Set(tries.map(({ body }) => body)).size, 1, 'the same bytes at every try');
  assert.equal(tries.length, 6);
  // The outage is said once, its end once, and nothing that the receiver said or that is in the address.
  assert.equal(harness.log.length, 2);
  assert.doesNotMatch(harness.log.join(), /secret of|alerts|team=ops/);
});

test('webhook - a message outlives the process, and comes once by id after a restart, with what came later behind it', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const file = newFile();
  {
    await using first = await open(url, { file });
    first.sender.send(notice('one', { opens: 'episode' }));
    await until('it failed', () => first.outcomes.includes('failed'));
  }
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  await using receiver = await startWebhookReceiver({ port });
  {
    await using second = await open(url, { file });
    // What the agent finds at its start is what it told before.
    second.sender.send(notice('one', { opens: 'episode' }));
    second.sender.send(notice('two', { closes: 'episode' }));
    await until('both came', () => receiver.accepted().length === 2);
  }
  await using third = await open(url, { file });
  third.sender.send(notice('one', { opens: 'episode' }));
  third.sender.send(notice('two', { closes: 'episode' }));
  third.sender.send(notice('last'));
  await until('the last came', () => receiver.accepted().includes('last'));
  assert.deepEqual(receiver.accepted(), ['one', 'two', 'last']);
});

test('webhook - a redirect is not followed', async () => {
  await using elsewhere = await startWebhookReceiver();
  await using receiver = await startWebhookReceiver();
  let refusals = 3;
  receiver.answer = () => (refusals-- > 0 ? { status: 307, headers: { location: elsewhere.url } } : { status: 200 });
  await using harness = await open(receiver.url);
  harness.sender.send(notice('one'));
  await until('it came', () => receiver.accepted().length === 1);
  assert.equal(elsewhere.received.length, 0);
  assert.deepEqual(harness.outcomes.filter((outcome) => outcome === 'failed').length, 3);
});

test('webhook - a lane that does not get on holds up no other', async () => {
  await using receiver = await startWebhookReceiver();
  receiver.answer = ({ id }) => (id.startsWith('auth') ? 'hang' : { status: 200 });
  await using harness = await open(receiver.url, { timeoutMs: 60_000 });
  harness.sender.send(notice('auth-1'));
  harness.sender.send(notice('auth-2'));
  harness.sender.send(notice('patrol-1', { lane: 'patrol:inbox' }));
  await until('the other came', () => receiver.accepted().includes('patrol-1'));
  assert.ok(!receiver.received.some(({ id }) => id === 'auth-2'), 'its own lane waits');
});

test('webhook - given up when its time is over, or at once when the receiver is gone for good; the next one still comes', async () => {
  await using receiver = await startWebhookReceiver();
  receiver.answer = ({ id }) => ({ status: { late: 500, gone: 410 }[id] ?? 200 });
  await using harness = await open(receiver.url, { keepMs: 150 });
  harness.sender.send(notice('late'));
  await until('it was given up', () => harness.outcomes.includes('given_up'));
  harness.sender.send(notice('gone'));
  harness.sender.send(notice('next'));
  await until('the next came', () => receiver.accepted().includes('next'));
  assert.equal(receiver.received.filter(({ id }) => id === 'gone').length, 1);
  assert.equal(harness.outcomes.filter((outcome) => outcome === 'given_up').length, 2);
});

test('webhook - a receiver that is away for long costs a bounded number of messages, the oldest first', async () => {
  const url = `http://127.0.0.1:${await freePort()}/`;
  const file = newFile();
  {
    await using harness = await open(url, { file });
    for (let index = 0; index < 230; index++) harness.sender.send(notice(`n${index}`, { lane: `lane-${index % 7}` }));
    assert.equal(harness.outcomes.filter((outcome) => outcome === 'dropped').length, 30);
  }
  const kept = JSON.parse(await readFile(file, 'utf8')) as { waiting: { id: string }[] };
  assert.equal(kept.waiting.length, 200);
  assert.equal(kept.waiting.at(-1)?.id, 'n229');
});

test('webhook - an episode is opened once and closed once, whatever the ids', async () => {
  await using receiver = await startWebhookReceiver();
  await using harness = await open(receiver.url);
  harness.sender.send(notice('closing what is not open', { closes: 'x' }));
  harness.sender.send(notice('a', { opens: 'x' }));
  assert.deepEqual(harness.sender.openEpisodes('auth'), [{ episode: 'x', at: '2026-03-01T08:00:00.000Z' }]);
  harness.sender.send(notice('again', { opens: 'x' }));
  harness.sender.send(notice('b', { closes: 'x' }));
  harness.sender.send(notice('c', { closes: 'x' }));
  harness.sender.send(notice('end'));
  await until('the last came', () => receiver.accepted().includes('end'));
  assert.deepEqual(receiver.accepted(), ['a', 'b', 'end']);
});

test('webhook - a queue file that makes no sense is said and begun anew; credentials in a message are masked [P6]', async () => {
  await using receiver = await startWebhookReceiver();
  const file = newFile();
  await writeFile(file, '{"waiting": 7');
  await using harness = await open(receiver.url, { file });
  assert.match(harness.log[0] ?? '', /make no sense/);
  const token = `eyJ${'a'.repeat(40)}.${'b'.repeat(40)}.${'c'.repeat(40)}`;
  harness.sender.send(notice('one', { text: `Bearer ${token}`, data: { access_token: 'opaque', note: token } }));
  await until('it came', () => receiver.accepted().length === 1);
  assert.doesNotMatch(receiver.received[0]?.body ?? '', /aaaa|opaque/);
});
