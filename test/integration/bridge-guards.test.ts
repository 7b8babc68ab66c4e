// Guards where they count: on the agent, with the simulator's own mailbox as the judge of what happened.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { startAgentProcess } from '../support/agent-process.ts';
import { failureOf } from '../support/call-failure.ts';
import { tapBus } from '../support/bus-tap.ts';
import { agentEnvironment, startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;

before(async () => {
  stack = await startStack({
    workiq: { mutations: 'allowed' },
    servers: ({ mcpUrl, mailUrl }) => {
      const entry = { type: 'http', url: mcpUrl, auth: { profile: 'workiq' } };
      return {
        full: entry,
        reader: { ...entry, guards: 'read-only' },
        drafter: { ...entry, guards: 'no-send' },
        ruled: {
          ...entry,
          guards: { allow: ['fetch /me/messages/**', 'do_action /me/messages/**'], deny: ['do_action **/send'] },
        },
        bad: { ...entry, guards: { preset: 'readonly', allow: ['fetch'] } },
        legacy: { type: 'http', url: mailUrl, auth: { profile: 'mail' } },
      };
    },
  });
  await stack.restartAgent({
    env: {
      Auth__Profiles__mail__Scopes: 'ea9ffc3e-8a23-4a7d-836d-234d7c7565c1/McpServers.Mail.All',
      Auth__Profiles__mail__AllowedOrigins: stack.workiq.origin,
      Auth__Profiles__mail__Guards: 'no-send',
    },
  });
  await stack.connect();
  await stack.call('fetch', { entityUrls: ['/me'] }, { server: 'reader' });
});

after(() => stack[Symbol.asyncDispose]());

async function listed(name: string): Promise<ListedServer> {
  const { servers } = await stack.ui.request('toolList', { server: name });
  const [server] = servers;
  assert.ok(server);
  return server;
}

/** What the simulator was asked to do and did. */
async function effects(): Promise<number> {
  const { sideEffects, mailsSent } = await stack.workiq.control.snapshot();
  return sideEffects.length + mailsSent.length;
}

const mail = JSON.stringify({
  message: { subject: 'x', toRecipients: [{ emailAddress: { address: 'megan@contoso.example' } }] },
});
const sendingDisguised = [
  '/me/sendMail',
  'me/sendMail',
  '/ME/SENDMAIL',
  '/me/send%4dail',
  '/me/%2573endMail',
  '//me//sendMail/',
  '/me/messages/../sendMail',
  '/me/microsoft.graph.sendMail',
  '/me/sendMail?x=1',
  'https://graph.microsoft.com/v1.0/me/sendMail',
];

describe('guards on the agent', () => {
  for (const actionUrl of sendingDisguised) {
    test(`guards - ${actionUrl} is sent by no guarded server, and nothing reaches Work IQ`, async () => {
      const before = await effects();
      for (const server of ['reader', 'drafter', 'ruled']) {
        const error = await failureOf(stack.call('do_action', { actionUrl, jsonBody: mail }, { server }));
        assert.equal(error.code, 'guard_denied', `${server}: ${error.message}`);
        assert.equal(error.retryable, false);
        assert.ok(error.action);
      }
      assert.equal(await effects(), before);
    });
  }

  test('guards - what is allowed goes through: a draft with no-send, a mail without guards', async () => {
    const draft = { parentUrl: '/me/messages', jsonBody: '{"subject":"a draft"}' };
    assert.equal((await stack.call('create_entity', draft, { server: 'drafter' })).server, 'drafter');
    assert.equal((await failureOf(stack.call('create_entity', draft, { server: 'reader' }))).code, 'guard_denied');
    const before = await effects();
    await stack.call('do_action', { actionUrl: '/me/sendMail', jsonBody: mail }, { server: 'full' });
    assert.ok((await effects()) > before);
  });

  test('guards - one denied path among allowed ones denies the call', async () => {
    await stack.call('fetch', { entityUrls: ['/me/messages'] }, { server: 'ruled' });
    const mixed = { entityUrls: ['/me/messages', '/me/events'] };
    const error = await failureOf(stack.call('fetch', mixed, { server: 'ruled' }));
    assert.equal(error.code, 'guard_denied');
    assert.match(error.message, /\/me\/events/i);
  });

  test('guards - tools that a guard never lets through are listed as hidden with the reason', async () => {
    const reader = await listed('reader');
    const names = reader.tools.map(({ name }) => name);
    assert.ok(names.includes('fetch') && !names.includes('do_action') && !names.includes('create_entity'));
    const hidden = reader.hidden.find(({ name }) => name === 'do_action');
    assert.equal(hidden?.code, 'denied');
    assert.match(hidden?.reason ?? '', /read-only/);
    assert.deepEqual((await listed('ruled')).tools.map(({ name }) => name).sort(), ['do_action', 'fetch']);
  });

  test('guards - those of a profile hold for its servers, also by the names of the catalogue', async () => {
    const args = { to: ['megan@contoso.example'], subject: 'guarded', body: 'x' };
    const error = await failureOf(stack.call('SendEmailWithAttachments', args, { server: 'legacy' }));
    assert.equal(error.code, 'guard_denied');
    assert.match(error.action ?? '', /profile "mail"/);
    await stack.call('SearchMessagesQueryParameters', { queryParameters: '?$top=1' }, { server: 'legacy' });
  });

  test('guards - a bad rule stops its server with what to write instead, also one that ran before [P14]', async () => {
    const bad = await listed('bad');
    assert.equal(bad.state, 'invalid');
    assert.match(bad.error?.message ?? '', /readonly.*did you mean "read-only"/);
    const refused = await failureOf(stack.call('fetch', { entityUrls: ['/me'] }, { server: 'bad' }));
    assert.equal(refused.code, 'server_unavailable');
    assert.equal(refused.retryable, false);
    const path = join(stack.agent.dataDir, 'mcp.json');
    const good = await readFile(path, 'utf8');
    const config = JSON.parse(good) as { mcpServers: Record<string, object> };
    // Whoever means to restrict a server must not leave it unrestricted by a slip.
    for (const slip of [{ guards: 'raed-only' }, { deniedTool: ['do_action'] }, { deniedTools: 'do_action' }]) {
      const full = { ...config.mcpServers['full'], ...slip };
      await writeFile(path, JSON.stringify({ mcpServers: { ...config.mcpServers, full } }));
      await until('the server is stopped', async () => (await listed('full')).state === 'invalid');
      const stopped = await failureOf(
        stack.call('do_action', { actionUrl: '/me/sendMail', jsonBody: mail }, { server: 'full' }),
      );
      assert.equal(stopped.code, 'server_unavailable');
      await writeFile(path, good);
      await until('it is back', async () => (await listed('full')).state === 'ready');
    }
  });

  test('guards - a name that stands twice in the arguments is judged and sent the same way', async () => {
    const before = await effects();
    const padding = 'x'.repeat(20_000);
    const callId = crypto.randomUUID();
    const args = `{"actionUrl":"/me/sendMail","jsonBody":${JSON.stringify(mail)},"pad":"${padding}","actionUrl":"/me/messages/x/copy"}`;
    const payload = `{"callId":"${callId}","server":"ruled","tool":"do_action","arguments":${args}}`;
    await using tap = await tapBus(stack.nats.url);
    await tap.request('tool.invoke.mcp.rockbot', payload, { timeoutMs: 20_000 });
    assert.equal(await effects(), before);
  });

  for (const [what, value] of [
    ['a misspelt preset', 'readonly '],
    ['nothing', ' '],
    ['broken JSON', '{"preset":'],
    ['a bad rule', '{"deny":["do_action sendMail extra words"]}'],
  ] as const) {
    test(`guards - ${what} as the guards of a profile stops the start [P14]`, async () => {
      const starting = startAgentProcess({
        busUrl: stack.nats.url,
        env: { ...agentEnvironment(stack.entra, stack.workiq), Agent__Name: 'guarded', WorkIQ__Guards: value },
        mcpConfig: { mcpServers: {} },
      });
      await assert.rejects(starting, (error: Error) => {
        assert.match(error.message, /ended with 78/);
        assert.match(error.message, /WorkIQ__Guards/);
        return true;
      });
    });
  }
});
