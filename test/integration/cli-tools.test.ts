// rockbot tools, servers, results, doctor and agent status as child processes against a real bus: output, exit codes,
// cancelling, and what happens when nobody reads.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createSeed } from '../../extension/consent/seed-file.ts';
import { nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import type { ListedServer, ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { RockBotError, type RockBotErrorOptions } from '../../shared/errors/rockbot-error.ts';
import { startAgentStandIn } from '../support/agent-stand-in.ts';
import { jsonLines, runCli, startCli } from '../support/cli.ts';
import { cliScenes } from '../support/cli-scene.ts';
import { startAccountsBus, type BusUser } from '../support/accounts-bus.ts';
import { startTestNats } from '../support/nats.ts';

const scenes = cliScenes('tools');
const scene = scenes.open;

const text = (value: string): object => ({ content: [{ type: 'text', text: value }] });
const hanging = (_: unknown, signal: AbortSignal): Promise<object> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

const servers: ListedServer[] = [
  {
    name: 'workiq',
    state: 'ready',
    type: 'streamable-http',
    profile: 'workiq',
    version: '1.0',
    tools: [
      { name: 'fetch', description: 'Reads entities. And more words.', inputSchema: {}, sideEffects: 'read' },
      { name: 'do_action', description: 'Runs an action.', inputSchema: {}, sideEffects: 'write' },
    ],
    hidden: [
      { name: 'delete_entity', reason: 'denied by deniedTools', code: 'denied' },
      { name: 'update_entity', reason: 'denied by deniedTools', code: 'denied' },
    ],
  },
  {
    name: 'mail',
    state: 'auth_required',
    type: 'sse',
    tools: [],
    hidden: [],
    error: { code: 'auth_required', message: 'Nobody is signed in.', retryable: false, action: 'Sign in.' },
  },
];

describe('rockbot tools list', () => {
  test('tools list - tools with badge and one line each, what is hidden and why', async () => {
    await using at = await scene({ servers });
    const { code, stdout } = await at.run('tools', 'list');
    assert.equal(code, 0);
    assert.match(stdout, /● workiq {2}ready {2}.*profile workiq, 2 tools/);
    assert.match(stdout, /^ {2}read {3}fetch +Reads entities\.$/m);
    assert.match(stdout, /^ {2}write {2}do_action +Runs an action\.$/m);
    assert.match(stdout, /hidden: delete_entity, update_entity \(denied by deniedTools\)/);
    assert.match(stdout, /● mail {2}needs a sign-in[\s\S]*Nobody is signed in\.\n {2}→ Sign in\./);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(stdout, /\u001b/, 'no colours in a pipe');
  });

  test('tools list - JSON is one document, and one server can be asked for', async () => {
    await using at = await scene({ servers });
    const all = jsonLines((await at.run('tools', 'list', '--json')).stdout);
    assert.equal(all.length, 1);
    assert.deepEqual(all[0]?.['servers'], servers);
    const one = jsonLines((await at.run('--json', 'tools', 'list', 'mail')).stdout);
    assert.deepEqual(
      one[0]?.['servers'],
      servers.filter(({ name }) => name === 'mail'),
    );
    const none = await at.run('tools', 'list', 'nope');
    assert.equal(none.code, 1);
    assert.match(none.stderr, /no server named "nope"/);
  });

  test('tools list - colours where they are wanted, not with NO_COLOR', async () => {
    await using at = await scene({ servers });
    const coloured = await runCli(['tools', 'list'], { env: { ...at.env, FORCE_COLOR: '1' } });
    const plain = await runCli(['tools', 'list'], { env: { ...at.env, FORCE_COLOR: '1', NO_COLOR: '1' } });
    // eslint-disable-next-line no-control-regex
    assert.match(coloured.stdout, /\u001b\[/);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(plain.stdout, /\u001b\[/);
  });
});

describe('rockbot tools call', () => {
  test('tools call - arguments from the line, a file and stdin arrive alike', async () => {
    await using at = await scene({ tool: async () => text('done') });
    const args = { question: 'What’s on?', n: 1 };
    const path = join(scenes.folder.path, 'args.json');
    await writeFile(path, JSON.stringify(args));
    for (const [given, stdin] of [
      [JSON.stringify(args), undefined],
      [`@${path}`, undefined],
      ['@-', JSON.stringify(args)],
    ] as const) {
      const { code, stdout, stderr } = await runCli(['tools', 'call', 'workiq', 'ask', '--args', given], {
        env: at.env,
        ...(stdin !== undefined && { stdin }),
      });
      assert.equal(code, 0, stderr);
      assert.equal(stdout, 'done\n');
      assert.match(stderr, /^workiq ask, \d/);
    }
    assert.deepEqual(
      at.agent.calls.map(({ server, tool, arguments: received }) => ({ server, tool, received })),
      Array.from({ length: 3 }, () => ({ server: 'workiq', tool: 'ask', received: args })),
    );
  });

  for (const [given, message] of [
    ['{', /--args is no JSON/],
    ['[1]', /--args is JSON, but no object/],
    ['"x"', /--args is JSON, but no object/],
    [`@${join(import.meta.dirname, 'none.json')}`, /cannot be read \(ENOENT\)/],
  ] as const) {
    test(`tools call - the arguments ${given} are a matter of usage`, async () => {
      const { code, stderr } = await runCli(['tools', 'call', 'a', 'b', '--args', given]);
      assert.equal(code, 2);
      assert.match(stderr, message);
    });
  }

  test('tools call - JSON carries the result as the server sent it, however large', async () => {
    const result = { ...text('ü'.repeat(2_000_000)), _meta: { requestId: 'r' } };
    await using at = await scene({ tool: async () => result });
    const { code, stdout, stderr } = await at.run('tools', 'call', 'workiq', 'fetch', '--json');
    assert.equal(code, 0, stderr);
    const [reply, ...more] = jsonLines(stdout);
    assert.deepEqual(more, []);
    assert.equal(reply?.['ok'], true);
    assert.deepEqual(reply['result'], result);
    assert.equal(stderr, '');
    const human = await at.run('tools', 'call', 'workiq', 'fetch');
    assert.equal(human.stdout, `${'ü'.repeat(2_000_000)}\n`);
  });

  test('tools call - a result that says it is an error ends with exit code 1', async () => {
    await using at = await scene({ tool: async () => ({ ...text('Access denied for path: /x'), isError: true }) });
    const { code, stdout } = await at.run('tools', 'call', 'workiq', 'fetch');
    assert.deepEqual([code, stdout], [1, 'Access denied for path: /x\n']);
  });

  const refusals: [RockBotErrorOptions, number][] = [
    [{ code: 'auth_required', message: 'Sign in.' }, 77],
    [{ code: 'consent_required', message: 'Consent.' }, 77],
    [{ code: 'admin_action_required', message: 'Admin.' }, 77],
    [{ code: 'entitlement_required', message: 'Licence.' }, 77],
    [{ code: 'policy_denied', message: 'Policy.' }, 1],
    [{ code: 'throttled', message: 'Slower.', retryAfterMs: 17_000 }, 1],
    [{ code: 'server_unavailable', message: 'The MCP server is down.' }, 1],
    [{ code: 'tool_not_found', message: 'No such tool.' }, 1],
    [{ code: 'cancelled', message: 'Cancelled elsewhere.' }, 130],
  ];
  for (const [options, expected] of refusals) {
    test(`tools call - ${options.code} ends with exit code ${expected}, for people and programs`, async () => {
      const refusal = new RockBotError({ action: 'Do this.', ...options });
      await using at = await scene({ tool: () => Promise.reject(refusal) });
      const { code, stdout, stderr } = await at.run('tools', 'call', 'workiq', 'fetch', '--json');
      assert.equal(code, expected);
      const [reply] = jsonLines(stdout) as { ok: boolean; error: { code: string; message: string; action: string } }[];
      assert.equal(reply?.ok, false);
      assert.equal(reply.error.code, options.code);
      assert.equal(reply.error.action, 'Do this.');
      assert.match(stderr, new RegExp(`^✖ ${options.message}.*\\[${options.code}\\]\\n {2}→ Do this\\.`));
      if (options.retryAfterMs !== undefined) assert.match(stderr, /Wait 17 s\./);
    });
  }

  test('tools call - how long to wait is said once', async () => {
    const refusal = new RockBotError({
      code: 'throttled',
      message: 'Slower.',
      action: 'Wait and try again.',
      retryAfterMs: 1_000,
    });
    await using at = await scene({ tool: () => Promise.reject(refusal) });
    assert.match((await at.run('tools', 'call', 'workiq', 'fetch')).stderr, /→ Wait 1 s and try again\.\n/);
  });

  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    test(`tools call - ${name} cancels the call on the agent and ends with 130`, async () => {
      await using at = await scene({ tool: hanging });
      const cli = startCli(['tools', 'call', 'workiq', 'ask'], { env: at.env });
      while (at.agent.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      cli.signal(name);
      const { code, stderr } = await cli.exited;
      assert.equal(code, 130);
      assert.deepEqual(at.agent.cancelled, [at.agent.calls[0]?.callId]);
      assert.match(stderr, /✖ The call was cancelled\./);
    });
  }

  test("tools call - after Ctrl-C the agent's own words about a possible side effect are shown [P10]", async () => {
    const cancelled = new RockBotError({
      code: 'cancelled',
      message: 'It was cancelled.',
      action: 'Look whether it took effect.',
    });
    await using at = await scene({ tool: (_, signal) => hanging(_, signal).catch(() => Promise.reject(cancelled)) });
    for (const options of [[], ['--json']]) {
      const before = at.agent.calls.length;
      const cli = startCli(['tools', 'call', 'workiq', 'do_action', ...options], { env: at.env });
      while (at.agent.calls.length === before) await new Promise((resolve) => setTimeout(resolve, 20));
      cli.signal('SIGINT');
      const { code, stdout, stderr } = await cli.exited;
      assert.equal(code, 130);
      assert.match(stderr, /^✖ It was cancelled\. \[cancelled\]\n {2}→ Look whether it took effect\.$/m);
      if (options.length > 0) assert.match(stdout, /"action":"Look whether it took effect\."/);
    }
  });

  test('tools call - Ctrl-C ends also when the agent says nothing of the call', async () => {
    await using at = await scene({ tool: () => new Promise(() => {}) });
    const cli = startCli(['tools', 'call', 'workiq', 'ask'], { env: at.env });
    while (at.agent.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    cli.signal('SIGINT');
    const { code, stderr } = await cli.exited;
    assert.equal(code, 130);
    // Nobody could say what kind of tool it is.
    assert.match(stderr, /The agent cancelled the call\.\n✖ Cancelled\. \[cancelled\]\n {2}→ Check whether/);
  });

  test('tools call - an answer that never comes is an unknown outcome for a possible write alone [P10]', async () => {
    await using at = await scene({ servers, tool: () => new Promise(() => {}) });
    const call = (tool: string) => at.run('tools', 'call', 'workiq', tool, '--timeout', '1', '--json');
    const [read, write] = await Promise.all([call('fetch'), call('do_action')]);
    const errorOf = ({ stdout }: typeof read) =>
      jsonLines(stdout)[0]?.['error'] as { code: string; retryable: boolean };
    assert.deepEqual([write.code, errorOf(write).code, errorOf(write).retryable], [1, 'outcome_unknown', false]);
    assert.deepEqual([read.code, errorOf(read).code, errorOf(read).retryable], [69, 'timeout', true]);
    assert.doesNotMatch(read.stderr, /not known|Look at the data/);
  });

  test('tools call - what a failed tool says is shown once', async () => {
    const refusal = new RockBotError({
      code: 'execution_failed',
      message: 'No such mail.',
      result: { ...text('No such mail.'), isError: true },
    });
    await using at = await scene({ tool: () => Promise.reject(refusal) });
    const { code, stdout, stderr } = await at.run('tools', 'call', 'workiq', 'fetch');
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /No such mail\./);
  });

  test('tools call - SIGINT while reading stdin ends with 130 and calls nothing', async () => {
    await using at = await scene();
    const cli = startCli(['tools', 'call', 'workiq', 'ask', '--args', '@-'], { env: at.env });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    cli.signal('SIGINT');
    assert.equal((await cli.exited).code, 130);
    assert.equal(at.agent.calls.length, 0);
  });

  test('tools call - the time limit travels to the agent', async () => {
    await using at = await scene({ tool: async () => text('x') });
    await at.run('tools', 'call', 'workiq', 'ask', '--timeout', '2.5');
    assert.equal(at.agent.calls[0]?.timeoutMs, 2_500);
    await at.run('tools', 'call', 'workiq', 'ask');
    assert.equal(at.agent.calls[1]?.timeoutMs, undefined, 'without --timeout the agent and mcp.json decide');
  });

  test('tools call - hostile text of a tool cannot steer the terminal, in any output', async () => {
    const subject = '\u001b]0;owned\u0007\u001b[2Jhello\rspoof\u009b31m\u202e';
    const value = { value: [{ subject, from: { emailAddress: { name: subject } }, isRead: false }] };
    const refusal = new RockBotError({
      code: 'execution_failed',
      message: subject,
      action: subject,
      result: text(subject),
    });
    for (const tool of [async () => text(JSON.stringify(value)), () => Promise.reject(refusal)]) {
      await using at = await scene({ tool });
      for (const args of [[], ['--json']]) {
        const { stdout, stderr } = await at.run('tools', 'call', 'workiq', 'fetch', ...args);
        // eslint-disable-next-line no-control-regex
        assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
        assert.match(stdout + stderr, /hello/);
      }
    }
  });

  test('tools call - nobody reading stdout is no crash', async () => {
    const items = Array.from({ length: 20_000 }, (_, index) => ({ subject: `Mail ${index}`, isRead: true }));
    await using at = await scene({ tool: async () => text(JSON.stringify({ value: items })) });
    for (const args of [[], ['--json']]) {
      const cli = startCli(['tools', 'call', 'workiq', 'fetch', ...args], { env: at.env });
      await cli.printed('stdout', /Mail 1/);
      cli.closeStdout();
      const { code, stderr } = await cli.exited;
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stderr, /EPIPE|at .*:\d+:\d+|Error/);
    }
  });
});

describe('rockbot servers', () => {
  test('servers list - one line each with its state', async () => {
    await using at = await scene({ servers });
    const { stdout } = await at.run('servers', 'list');
    assert.match(stdout, /^● workiq {2}ready +2 tools, streamable-http, profile workiq, 1\.0$/m);
    assert.match(stdout, /^● mail +needs a sign-in +0 tools, sse$/m);
    const [json] = jsonLines((await at.run('servers', 'list', '--json')).stdout);
    assert.deepEqual(
      json?.['servers'],
      servers.map((server) => ({ ...server, tools: server.tools.length })),
    );
  });

  test('servers add - workiq is known, others need an address, none can carry a credential', async () => {
    await using at = await scene({ servers });
    assert.equal((await at.run('servers', 'add', 'workiq')).code, 0);
    assert.equal((await at.run('servers', 'add', 'docs', '--url', 'https://docs.example/mcp')).code, 0);
    const url = 'https://a.example/${WORKIQ_TENANT_ID}/mail';
    assert.equal((await at.run('servers', 'add', 'mail', '--url', url, '--profile', 'mail', '--type', 'sse')).code, 0);
    assert.equal((await at.run('servers', 'remove', 'docs')).code, 0);
    assert.deepEqual(at.agent.managed, [
      {
        action: 'register',
        name: 'workiq',
        entry: { type: 'streamable-http', url: 'https://workiq.svc.cloud.microsoft/mcp', auth: { profile: 'workiq' } },
      },
      { action: 'register', name: 'docs', entry: { type: 'streamable-http', url: 'https://docs.example/mcp' } },
      { action: 'register', name: 'mail', entry: { type: 'sse', url, auth: { profile: 'mail' } } },
      { action: 'unregister', name: 'docs' },
    ]);
    for (const args of [['docs'], ['docs', '--url', 'ftp://x'], ['docs', '--header', 'Authorization: x']]) {
      assert.equal((await at.run('servers', 'add', ...args)).code, 2, args.join(' '));
    }
  });
});

test('servers add - a server that turns out not to be usable is no success', async () => {
  const error = { code: 'server_unavailable' as const, message: 'Nothing is there.', retryable: false };
  const down: ListedServer = { name: 'docs', state: 'unavailable', type: 'sse', tools: [], hidden: [], error };
  await using at = await scene({ servers: [down] });
  const { code, stdout } = await at.run('servers', 'add', 'docs', '--url', 'https://docs.example/mcp');
  assert.equal(code, 1);
  assert.match(stdout, /^! Added docs to the agent's mcp\.json\. It cannot be used yet:\n[\s\S]*Nothing is there\./);
});

const finished = (tool: string, more: Partial<ToolResultEvent>): ToolResultEvent => ({
  callId: tool,
  server: 'workiq',
  tool,
  caller: 'vscode',
  startedAt: new Date().toISOString(),
  durationMs: 1_200,
  ok: true,
  ...more,
});

describe('rockbot results', () => {
  test('results - the next one is shown, and then it ends', async () => {
    await using at = await scene();
    const cli = startCli(['results'], { env: at.env });
    const timer = setInterval(() => void at.agent.publish('toolResult', finished('ask', { result: text('42') })), 100);
    const { code, stdout } = await cli.exited;
    clearInterval(timer);
    assert.equal(code, 0);
    assert.match(stdout, /^✔ workiq ask today \d\d:\d\d, 1 s, by vscode\n42\n$/);
  });

  test('results - followed, each is one line of JSON, until Ctrl-C', async () => {
    await using at = await scene();
    const cli = startCli(['results', '--follow', '--json'], { env: at.env });
    const timer = setInterval(() => void at.agent.publish('toolResult', finished('first', { result: text('1') })), 100);
    await cli.printed('stdout', /first/);
    clearInterval(timer);
    const error = { code: 'auth_required', message: 'Sign in.', retryable: false };
    await at.agent.publish('toolResult', finished('second', { ok: false, error }));
    await at.agent.publish('toolResult', finished('third', { resultBytes: 9_000_000 }));
    await cli.printed('stdout', /third/);
    cli.signal('SIGINT');
    const { code, stdout } = await cli.exited;
    assert.equal(code, 130);
    const tools = jsonLines(stdout).flatMap(({ tool }) => (tool === undefined ? [] : [tool]));
    assert.deepEqual([...new Set(tools)], ['first', 'second', 'third']);
  });

  test('results - a time limit ends following well, and waiting badly', async () => {
    await using at = await scene();
    assert.equal((await at.run('results', '--follow', '--timeout', '0.5')).code, 0);
    const { code, stderr } = await at.run('results', '--timeout', '0.5');
    assert.equal(code, 1);
    assert.match(stderr, /No call ended in that time/);
  });
});

describe('rockbot agent status and doctor', () => {
  test('agent status - it shows the last heartbeat', async () => {
    await using at = await scene({ servers });
    const { code, stdout } = await at.run('agent', 'status');
    assert.equal(code, 0);
    assert.match(stdout, /● Agent tools-\d+ 0\.0\.0 is running/);
    assert.match(stdout, /● workiq {2}ready {2}2 tools/);
    const [json] = jsonLines((await at.run('agent', 'status', '--json')).stdout);
    assert.equal(json?.['instance'], 'test');
  });

  test('agent status - an agent without heartbeat is not taken for a running one', async () => {
    await using at = await scene({ heartbeatMs: 60_000 });
    const { code, stderr } = await at.run('agent', 'status', '--timeout', '0.5');
    assert.equal(code, 1);
    assert.match(stderr, /sent no heartbeat/);
  });

  test('doctor - all in order is exit code 0', async () => {
    const account = { id: 'o', username: 'adele@contoso.example', tenantId: 't' };
    await using at = await scene({ servers: servers.slice(0, 1), state: { status: 'connected', account } });
    const { code, stdout } = await at.run('doctor');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /i Agent key: SHA256:.*\(not used yet\)/);
    assert.match(stdout, /Everything is in order\./);
    const asked = await at.run('doctor', '--refresh');
    assert.doesNotMatch(asked.stdout, /Not proved by this: .*--refresh/);
  });

  test('doctor - it says which step fails, what to do, and ends with that exit code', async () => {
    await using at = await scene({ servers });
    const { code, stdout } = await at.run('doctor', '--json');
    assert.equal(code, 77);
    const [report] = jsonLines(stdout) as {
      ok: boolean;
      severity: string;
      findings: { id: string; of?: string; severity: string; action?: string }[];
    }[];
    assert.equal(report?.ok, false);
    assert.equal(report.severity, 'failed');
    const failed = report.findings.filter(({ severity }) => severity === 'failed');
    assert.deepEqual(
      failed.map(({ id, of, action }) => [id, of, action]),
      [
        ['sign-in.state', undefined, 'Run "rockbot auth workiq", or "RockBot: Connect M365" in VS Code.'],
        ['server.reach', 'mail', 'Sign in.'],
      ],
    );
    const gone = await at.run('doctor', '--agent', 'nobody');
    assert.equal(gone.code, 69);
    assert.match(gone.stdout, /✖ Agent: No agent named "nobody"[\s\S]*→ Check that the agent runs/);
  });

  test('doctor - on the shipped accounts a person of the bus may do everything, a watcher is told what not', async () => {
    await using bus = await startAccountsBus();
    const account = { id: 'o', username: 'adele@contoso.example', tenantId: 't' };
    await using _agent = await startAgentStandIn({
      busUrl: bus.server.url,
      seed: bus.seed('AGENT'),
      servers: servers.slice(0, 1),
      state: { status: 'connected', account },
      partBytes: 100_000,
      tool: async () => text('x'.repeat(3_000_000)),
    });
    const envOf = async (user: BusUser): Promise<Record<string, string>> => {
      const path = join(scenes.folder.path, `${user}.nk`);
      await writeFile(path, bus.seed(user));
      return {
        ROCKBOT_NATS_URL: bus.server.url,
        ROCKBOT_NKEY: path,
        HOME: scenes.folder.path,
        XDG_CONFIG_HOME: scenes.folder.path,
      };
    };
    const alice = await envOf('UI_ALICE');
    const healthy = await runCli(['doctor'], { env: alice });
    assert.equal(healthy.code, 0, healthy.stdout);
    assert.ok(healthy.stdout.includes(bus.publicKey('UI_ALICE')), 'the key to register is shown');
    const call = await runCli(['tools', 'call', 'workiq', 'fetch'], { env: alice });
    assert.equal(call.stdout.length, 3_000_001, call.stderr);
    const watcher = await runCli(['doctor', '--json'], { env: await envOf('MONITOR') });
    assert.equal(watcher.code, 77);
    // It may not even listen for an answer.
    assert.match(watcher.stdout, /does not let you subscribe to \\"_INBOX_/);
    const stranger = await runCli(['doctor'], { env: await envOf('STRANGER') });
    assert.equal(stranger.code, 77);
    assert.match(stranger.stdout, /✖ Bus: The bus at .* refuses these credentials/);
  });
});

describe('rockbot exit codes', () => {
  test('exit codes - no bus, no agent, no credentials, wrong settings', async () => {
    const home = { HOME: scenes.folder.path, XDG_CONFIG_HOME: scenes.folder.path };
    await using locked = await startTestNats({ users: [{ nkey: nkeyCredentials(createSeed()).publicKey }] });
    await mkdir(join(scenes.folder.path, 'dir'), { recursive: true });
    await writeFile(join(scenes.folder.path, 'broken.nk'), 'SUnonsense');
    const cases: [string[], Record<string, string>, number, RegExp][] = [
      [['auth', 'status', '--nats', 'ws://127.0.0.1:1'], {}, 69, /No bus answers/],
      [['auth', 'status', '--nats', scenes.nats.url, '--agent', 'nobody'], {}, 69, /No agent named/],
      [['auth', 'status', '--nats', locked.url], {}, 77, /wants credentials and none were given/],
      [['auth', 'status', '--nats', 'http://x'], {}, 2, /--nats is no ws/],
      [['auth', 'status'], { ROCKBOT_NATS_URL: 'http://x' }, 78, /ROCKBOT_NATS_URL is no ws/],
      [
        ['auth', 'status', '--nkey', join(scenes.folder.path, 'none.nk')],
        {},
        78,
        /nkey file .*none\.nk cannot be read \(ENOENT\)/,
      ],
      [['auth', 'status', '--nkey', join(scenes.folder.path, 'broken.nk')], {}, 78, /holds no user seed/],
      [['auth', 'status', '--creds', join(scenes.folder.path, 'dir')], {}, 78, /cannot be read \(EISDIR\)/],
      [['frobnicate'], {}, 2, /Unknown command/],
    ];
    for (const [args, env, expected, message] of cases) {
      const human = await runCli(args, { env: { ...home, ...env } });
      assert.equal(human.code, expected, `${args.join(' ')}: ${human.stderr}`);
      assert.match(human.stderr, message);
      assert.equal(human.stdout, '');
      const json = await runCli([...args, '--json'], { env: { ...home, ...env } });
      assert.equal(json.code, expected);
      const [reply] = jsonLines(json.stdout) as { ok: boolean; error: { code: string } }[];
      assert.equal(reply?.ok, false, args.join(' '));
      assert.ok(reply.error.code);
    }
  });

  test('exit codes - a bus that goes away in the middle of a call is not waited for in silence', async () => {
    await using bus = await startTestNats();
    await using agent = await startAgentStandIn({ busUrl: bus.url, tool: () => new Promise(() => {}) });
    const env = { ROCKBOT_NATS_URL: bus.url, HOME: scenes.folder.path };
    const cli = startCli(['tools', 'call', 'workiq', 'ask', '--timeout', '1'], { env });
    while (agent.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await bus.stop();
    await cli.printed('stderr', /connection to the bus is lost; reconnecting/);
    const { code, stderr } = await cli.exited;
    // It may have been carried out.
    assert.equal(code, 1, stderr);
    assert.match(stderr, /was lost[^\n]*\[outcome_unknown\]/);
  });
});
