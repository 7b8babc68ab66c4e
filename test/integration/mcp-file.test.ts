// mcp.json read and written over a real bus by people of different rights: what they get, who wins, and that a kill in the middle
// of a write leaves the old or the new text.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connectBus, type Bus } from '../../extension/bus.ts';
import { nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import { maskedCredential } from '../../shared/contract/manage-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { parseMcpConfig } from '../../shared/mcp-config/parse-mcp-config.ts';
import { startAccountsBus, type AccountsBus, type BusUser } from '../support/accounts-bus.ts';
import { startAgentProcess, type AgentProcess } from '../support/agent-process.ts';
import { failureOf } from '../support/call-failure.ts';
import { startEcho, type EchoServer } from '../support/echo-server.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
before(async () => {
  stack = await startStack({ agentEnv: { TICKETS_KEY: 'the-value-of-the-key' } });
  await stack.connect();
});
after(() => stack[Symbol.asyncDispose]());

const path = (): string => join(stack.agent.dataDir, 'mcp.json');

async function read(bus: Bus = stack.ui) {
  const { file } = await bus.request('mcpManage', { action: 'read' });
  assert.ok(file);
  return file;
}

async function write(text: string, version: string | undefined, bus: Bus = stack.ui) {
  const { file, applied, servers } = await bus.request('mcpManage', {
    action: 'write',
    text,
    ...(version !== undefined && { version }),
  });
  assert.ok(file && applied);
  return { file, applied, servers };
}

/** With one more entry. */
function withServer(text: string, name: string, entry: object): string {
  const config = JSON.parse(text) as { mcpServers: object };
  return JSON.stringify({ ...config, mcpServers: { ...config.mcpServers, [name]: entry } }, undefined, 2);
}

const calendar = () => ({ type: 'http', url: stack.workiq.mcpUrl, auth: { profile: 'workiq' } });

describe('mcp file over the bus', () => {
  test('mcp file - it is read with what an editor has to know of the agent, and no value of a variable', async () => {
    const file = await read();
    assert.equal(file.text, await readFile(path(), 'utf8'));
    assert.ok(file.environment.includes('TICKETS_KEY'));
    assert.ok(!file.environment.some((name) => /^(?:Nats|WorkIQ|Agent)__|^PATH$/.test(name)), file.environment.join());
    assert.equal(file.tenantId, stack.entra.tenantId);
    assert.deepEqual(
      file.profiles.map(({ name, allowedOrigins }) => [name, allowedOrigins]),
      [['workiq', [stack.workiq.origin]]],
    );
    assert.doesNotMatch(JSON.stringify(file), /the-value-of-the-key/);
    const viewed = await stack.ui.request('mcpFile', {});
    assert.deepEqual({ ...viewed.file, environment: [] }, { ...file, environment: [] });
    assert.deepEqual(viewed.file.environment, ['WORKIQ_TENANT_ID']);
  });

  test('mcp file - what is written is in force when the answer comes, and both logs say who did it', async () => {
    const { text, version } = await read();
    const written = await write(withServer(text, 'calendar', calendar()), version);
    assert.deepEqual([written.applied.added, written.applied.unchanged], [['calendar'], ['workiq']]);
    assert.deepEqual(
      written.servers.map(({ name }) => name),
      ['calendar'],
    );
    const { servers } = await stack.ui.request('toolList', {});
    assert.ok(servers.some(({ name }) => name === 'calendar'));
    await until('its tools are listed', async () => {
      const listed = await stack.ui.request('toolList', { server: 'calendar' });
      return (listed.servers[0]?.tools.length ?? 0) > 0;
    });
    const line = await until('the audit line', async () =>
      (await readFile(join(stack.agent.dataDir, 'audit', 'audit.jsonl'), 'utf8').catch(() => ''))
        .split('\n')
        .find((each) => each.includes('"mcp/write"')),
    );
    assert.match(line, /"caller":"test".*"server":"calendar","tool":"mcp\/write","outcome":"ok"/);
    assert.match(stack.output(), /A server was changed over the bus.*"action":"write","server":"calendar"/);
  });

  test('mcp file - an invalid text, one that is too large and one that takes too much are refused with their problems', async () => {
    const { text, version } = await read();
    const invalid = await failureOf(
      write(withServer(text, 'x', { url: 'https://x.example/', auth: { profile: 'nobody' } }), version),
    );
    assert.equal(invalid.code, 'invalid_arguments');
    assert.match(invalid.problems?.join() ?? '', /^x: .*nobody/);
    const command = await failureOf(write(withServer(text, 'x', { command: 'sh' }), version));
    assert.equal(command.code, 'forbidden');
    assert.match(command.problems?.join() ?? '', /command/);
    const taken = await failureOf(write(withServer(text, 'workiq', { ...calendar(), timeoutMs: 5 }), version));
    assert.match(taken.problems?.join() ?? '', /workiq: it is the operator's entry/);
    const large = await failureOf(write(`${text}${' '.repeat(1_010_000)}`, version));
    assert.equal(large.code, 'payload_too_large');
    assert.equal(await readFile(path(), 'utf8'), text);
  });

  test('mcp file - of two people who save at the same moment exactly one wins, and the other learns it', async () => {
    await using other = await connectBus({ url: stack.nats.url, agent: 'rockbot', source: 'other' });
    for (let round = 0; round < 5; round++) {
      const { text, version } = await read();
      const outcomes = await Promise.allSettled([
        write(withServer(text, `one-${round}`, calendar()), version),
        write(withServer(text, `two-${round}`, calendar()), version, other),
      ]);
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
      assert.equal(lost.length, 1);
      const error: unknown = lost[0]?.reason;
      assert.ok(error instanceof RockBotError);
      assert.deepEqual([error.code, error.reason], ['invalid_request', 'conflict']);
      const now = await readFile(path(), 'utf8');
      assert.notEqual(now.includes(`one-${round}`), now.includes(`two-${round}`));
    }
  });

  test('mcp file - an edit on the agent itself is a conflict for who read before it', async () => {
    const { text, version } = await read();
    await writeFile(path(), `${text}\n// the operator was here\n`);
    const lost = await failureOf(write(withServer(text, 'late', calendar()), version));
    assert.equal(lost.reason, 'conflict');
    assert.match(await readFile(path(), 'utf8'), /the operator was here/);
  });

  test('mcp file - a credential in the file reaches neither the bus nor a caller [S3] [P6]', async () => {
    const { text } = await read();
    const bare = text.replace('\n// the operator was here\n', '');
    await writeFile(
      path(),
      withServer(bare, 'mine', { url: 'https://x.example/', headers: { 'X-Api-Key': 'hunter2hunter2' } }),
    );
    for (const file of [await read(), (await stack.ui.request('mcpFile', {})).file]) {
      assert.equal(file.masked, true);
      assert.ok(file.text.includes(maskedCredential));
      assert.doesNotMatch(JSON.stringify(file), /hunter2/);
      assert.equal((await failureOf(write(file.text, file.version))).code, 'forbidden');
    }
    await writeFile(path(), bare);
    assert.equal((await read()).masked, undefined);
  });

  test('mcp file - a kill in the middle of a write leaves the old or the new text', async () => {
    for (let round = 0; round < 4; round++) {
      const { text, version } = await read();
      const after = withServer(text, 'killed', { ...calendar(), note: `${round} ${'x'.repeat(10_000)}` });
      const request = { action: 'write', text: after, ...(version !== undefined && { version }) } as const;
      const writing = stack.ui.request('mcpManage', request, { timeoutMs: 2_000 }).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, round));
      stack.agent.child.kill('SIGKILL');
      await stack.agent.child.exited;
      const found = await readFile(path(), 'utf8');
      assert.ok(parseMcpConfig(found, { profiles: ['workiq'] }).ok);
      assert.ok(found.includes(`"${round} xxx`) || found === text, 'neither the old nor the new text');
      await writing;
      // It begins with the file of the test again.
      await stack.restartAgent();
    }
  });
});

describe('mcp file, by right', () => {
  const started = new AsyncDisposableStack();
  let bus: AccountsBus;
  let agent: AgentProcess;
  let echo: EchoServer;
  before(async () => {
    bus = started.use(await startAccountsBus());
    echo = started.use(await startEcho());
    agent = started.use(
      await startAgentProcess({
        busUrl: bus.server.url,
        env: {
          WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
          WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
          Nats__NkeySeedFile: await seedFile(bus),
          McpBridge__EditableOverBus: 'remote',
        },
        mcpConfig: { mcpServers: { echo: { url: echo.url } } },
      }),
    );
  });
  after(() => started.disposeAsync());

  const busOf = (user: BusUser): Promise<Bus> =>
    connectBus({
      url: bus.server.url,
      agent: 'rockbot',
      source: 'test',
      credentials: nkeyCredentials(new TextDecoder().decode(bus.seed(user))),
    });

  test('mcp file - a viewer reads it and can neither write nor read it as a manager; a user of the operator may change an entry', async () => {
    await using viewer = await busOf('UI_VIEWER');
    await using alice = await busOf('UI_ALICE');
    const { file } = await viewer.request('mcpFile', {});
    assert.equal(file.exists, true);
    for (const request of [{ action: 'read' }, { action: 'write', text: '{}', version: file.version }] as const)
      assert.equal((await failureOf(viewer.request('mcpManage', request))).code, 'forbidden');
    assert.equal(await readFile(join(agent.dataDir, 'mcp.json'), 'utf8'), file.text);
    const { applied } = await write(file.text.replace(/\}\}\}$/, ',"timeoutMs":5000}}}'), file.version, alice);
    assert.deepEqual(applied.changed, ['echo']);
  });

  async function seedFile({ seed }: AccountsBus): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-seed-'));
    started.defer(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'agent.nk');
    await writeFile(file, seed('AGENT'), { mode: 0o600 });
    return file;
  }
});
