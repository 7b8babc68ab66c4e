// A whole story with everything that goes wrong, at the chattiest log level, and then a search for every secret that Entra
// ever issued, and every key, in everything that the product printed, sent or stored (promises P6 and S4).
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createSeed } from '../../extension/consent/seed-file.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import { failureOf } from '../support/call-failure.ts';
import { jsonLines, runCli, startCli, testFolder, type CliExit, type TestFolder } from '../support/cli.ts';
import { filesIn } from '../support/files-in.ts';
import { findLeaks, type KnownSecret, type Place } from '../support/leak-search.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import type { FaultInput } from '../support/workiq/faults.ts';

let stack: Stack;
let tap: BusTap;
let home: TestFolder;
/** Where nats-server logs, and with tracing: every message that passes. */
let busFolder: TestFolder;
let echoing: Server;
/** Everything that the command line printed. */
const printed: string[] = [];
/** Everything that the agent's HTTP endpoints answered. */
const scraped: string[] = [];
/** Errors as the UI got them. */
const errors: string[] = [];
const otherSeed = createSeed();

before(async () => {
  [home, busFolder] = [await testFolder(), await testFolder()];
  for (const name of ['config', 'tmp', 'agent-tmp']) await mkdir(join(home.path, name));
  echoing = await startEchoing();
  stack = await startStack({
    workiq: { mutations: 'allowed', askLatencyMs: 50 },
    nats: { logFile: join(busFolder.path, 'nats-server.log'), configText: 'debug: true\ntrace: true' },
  });
  tap = await tapBus(stack.nats.url);
  const { port } = echoing.address() as AddressInfo;
  await stack.restartAgent({
    env: {
      WorkIQ__AllowedOrigins: `${stack.workiq.origin} http://127.0.0.1:${port}`,
      TMPDIR: join(home.path, 'agent-tmp'),
    },
  });
});

after(async () => {
  await tap[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
  await busFolder[Symbol.asyncDispose]();
  echoing.closeAllConnections();
  echoing.close();
});

function cliEnvironment(): Record<string, string> {
  return {
    ROCKBOT_NATS_URL: stack.nats.url,
    HOME: home.path,
    XDG_CONFIG_HOME: join(home.path, 'config'),
    TMPDIR: join(home.path, 'tmp'),
    WorkIQ__CaFile: stack.entra.caFile,
  };
}

async function cli(...args: string[]): Promise<CliExit> {
  const exit = await runCli(args, { env: cliEnvironment() });
  printed.push(exit.stdout, exit.stderr);
  return exit;
}

/** Signs in as a person with a phone beside the terminal would. */
async function signInAtTheTerminal(user = 'adele'): Promise<CliExit> {
  const running = startCli(['auth', 'workiq', '--device-code', '--json'], { env: cliEnvironment() });
  const [, userCode = ''] = await running.printed('stdout', /"userCode":"([^"]+)"/);
  await stack.entra.control.decideDeviceCode({ userCode, decision: 'approve', user });
  const exit = await running.exited;
  printed.push(exit.stdout, exit.stderr);
  return exit;
}

async function failed(promise: Promise<unknown>): Promise<RockBotError> {
  const error = await failureOf(promise);
  errors.push(`${error.message} ${error.action} ${error.requestId} ${JSON.stringify(error.result)} ${error.stack}`);
  return error;
}

async function scrape(): Promise<void> {
  for (const path of ['/metrics', '/readyz', '/livez'])
    scraped.push(await (await fetch(`http://127.0.0.1:${stack.agent.httpPort}${path}`)).text());
}

const read = (): Promise<unknown> => stack.call('fetch', { entityUrls: ['/me?$select=id'] });

describe('secrets - a whole story [P6] [S4]', () => {
  test('secrets - sign-in at the terminal, calls and listings', async () => {
    const { stdout, code } = await signInAtTheTerminal();
    assert.equal(code, 0, stdout);
    assert.equal(jsonLines(stdout).at(-1)?.['event'], 'connected');
    assert.equal((await cli('tools', 'call', 'workiq', 'fetch', '--args', '{"entityUrls":["/me"]}', '--json')).code, 0);
    for (const command of ['auth status', 'tools list', 'servers list', 'doctor'])
      for (const form of [[], ['--json']]) await cli(...command.split(' '), ...form);
    await read();
    await scrape();
  });

  test('secrets - a server that throws the bearer back in every kind of error', async () => {
    const { port } = echoing.address() as AddressInfo;
    for (const kind of [
      '400',
      '401',
      '403',
      '404',
      '429',
      '500',
      'rpc',
      'tool-error',
      'challenge',
      'initialize',
      'redirect',
    ]) {
      const entry = { url: `http://127.0.0.1:${port}/${kind}`, auth: { profile: 'workiq' } };
      await stack.ui.request('mcpManage', { action: 'register', name: `echo-${kind}`, entry });
      const error = await failed(stack.call('echo', { kind }, { server: `echo-${kind}`, timeoutMs: 5_000 }));
      assert.ok(error.code);
    }
    await until('all were called', () => echoedKinds.size >= 11);
    for (const command of ['tools list', 'servers list', 'doctor']) {
      await cli(...command.split(' '));
      await cli(...command.split(' '), '--json');
    }
    for (const kind of echoedKinds) await stack.ui.request('mcpManage', { action: 'unregister', name: `echo-${kind}` });
  });

  const faults: FaultInput[] = [
    { kind: 'unauthorized' },
    { kind: 'unauthorized', times: 2 },
    { kind: 'unauthorized', times: 2, claims: '{"access_token":{"nbf":{"essential":true,"value":"1"}}}' },
    { kind: 'forbidden' },
    { kind: 'forbidden', form: 'missing-scope' },
    { kind: 'throttled' },
    { kind: 'server-error' },
    { kind: 'drop', times: 2 },
    { kind: 'broken-json', times: 2 },
    { kind: 'null-result' },
    { kind: 'rpc-error' },
    { kind: 'entitlement' },
    { kind: 'redirect' },
    { kind: 'session-lost', times: 2 },
  ];
  test('secrets - every fault of Work IQ', async () => {
    for (const fault of faults) {
      await stack.workiq.control.inject(fault);
      await read().catch((error: Error) => errors.push(`${error.message} ${error.stack}`));
      await stack.workiq.control.clearFaults();
    }
    await scrape();
  });

  test('secrets - hand-offs that are refused: replayed, unreadable, of another signer and another account', async () => {
    const [first] = tap.messages.filter(({ subject }) => subject === 'auth.workiq.cache.rockbot');
    assert.ok(first);
    for (const sealed of [
      first.text,
      '{"sealed":"eyJhbGciOiJub25lIn0.e30."}',
      first.text.replace(/\.\w{8}/, '.AAAAAAAA'),
    ]) {
      const { json, text } = await tap.request('auth.workiq.cache.rockbot', sealed);
      assert.equal(json['ok'], false);
      errors.push(text);
    }
    assert.equal((await failed(stack.connect({ seed: otherSeed }))).code, 'handoff_refused');
    const other = await signInAtTheTerminal('megan');
    assert.notEqual(other.code, 0);
    await read();
  });

  test('secrets - outages of Entra, revocation, the expired notice and the return', async () => {
    for (const action of [
      { kind: 'unavailable', body: 'html' },
      { kind: 'throttled', retryAfterSeconds: 0 },
      { kind: 'truncated' },
      { kind: 'reset' },
    ] as const) {
      await stack.entra.control.addFault({ endpoint: 'token', times: 1, action });
      await stack.workiq.control.inject({ kind: 'unauthorized' });
      await read().catch((error: Error) => errors.push(`${error.message} ${error.stack}`));
      await until('it recovers', () => read().catch(() => false as const), { timeoutMs: 30_000, everyMs: 100 });
    }
    await stack.entra.control.revokeRefreshTokens();
    await stack.entra.control.revokeAccessTokens();
    // Entra is asked again a little after the last outage only.
    await until('the refusal is known', async () => (await failed(read())).code === 'auth_required', { everyMs: 100 });
    await until('the notice', () => tap.on('auth.workiq.expired.rockbot').length === 1);
    assert.equal((await cli('tools', 'call', 'workiq', 'fetch', '--args', '{"entityUrls":["/me"]}')).code, 77);
    await cli('auth', 'status');
    await cli('doctor', '--json');
    await scrape();
    assert.equal((await signInAtTheTerminal()).code, 0);
    await read();
  });

  test('secrets - a killed agent, a restarted one, a disconnect and a new start', async () => {
    await stack.restartAgent({ signal: 'SIGKILL' });
    await read();
    await stack.restartAgent();
    await read();
    assert.equal((await cli('auth', 'disconnect', '--json')).code, 0);
    await failed(read());
    assert.equal((await signInAtTheTerminal()).code, 0);
    await read();
    await scrape();
  });
});

/** Seeds, private keys and everything that Entra ever issued. */
async function knownSecrets(): Promise<KnownSecret[]> {
  const issued = await stack.entra.control.secrets();
  const key = JSON.parse(await readFile(join(stack.agent.dataDir, 'secrets', 'agent-key.jwk'), 'utf8')) as {
    d: string;
  };
  const signer = (await readFile(join(home.path, 'config', 'rockbot', 'signer.nk'), 'utf8')).trim();
  assert.match(signer, /^SU/);
  return [
    ...issued,
    { kind: "the agent's private key", value: key.d },
    { kind: "the command line's seed", value: signer },
    { kind: 'the seed of another UI', value: otherSeed },
  ];
}

/** What must hold no secret at all. */
async function places(): Promise<Place[]> {
  return [
    { name: 'output of the agent', text: stack.output() },
    { name: 'output of the command line', text: printed.join('\n') },
    { name: 'errors at the UI', text: errors.join('\n') },
    { name: 'HTTP endpoints', text: scraped.join('\n') },
    ...tap.messages.map((message) => ({ name: `bus: ${message.subject}`, text: JSON.stringify(message) })),
    ...(await filesIn(stack.agent.dataDir, ['secrets/workiq-cache.bin', 'secrets/agent-key.jwk'])),
    ...(await filesIn(home.path, ['config/rockbot/signer.nk'])),
    ...(await filesIn(busFolder.path)),
  ];
}

describe('secrets - the search [P6] [S4]', () => {
  test('secrets - none of them stands anywhere, in no form and in no fragment [P6] [S4]', async () => {
    const secrets = await knownSecrets();
    const kinds = new Set(secrets.map(({ kind }) => kind));
    for (const kind of ['access_token', 'refresh_token', 'id_token', 'device_code'])
      assert.ok(kinds.has(kind), `the story issued an ${kind}`);
    const searched = await places();
    for (const part of [
      'audit/audit.jsonl',
      'bus: auth.workiq.cache.rockbot',
      'bus: tool.result.rockbot',
      'known-agents.json',
      'nats-server.log',
    ])
      assert.ok(
        searched.some(({ name }) => name.includes(part)),
        `${part} is searched`,
      );
    assert.ok(stack.output().includes('"level":"debug"'), 'the agent is at its chattiest');
    const busLog = searched.find(({ name }) => name === 'nats-server.log')?.text ?? '';
    assert.match(busLog, /\[TRC\].*auth\.workiq\.cache\.rockbot/, 'the bus is, too');
    assert.deepEqual(findLeaks(secrets, searched), []);
  });

  test('secrets - the places that are left out hold what belongs there, and nothing else', async () => {
    const secrets = await knownSecrets();
    const kindsIn = async (path: string): Promise<string[]> => {
      const leaks = findLeaks(secrets, [{ name: path, text: await readFile(path, 'utf8') }]);
      return [...new Set(leaks.map(({ kind }) => kind))].toSorted();
    };
    const cache = await kindsIn(join(stack.agent.dataDir, 'secrets', 'workiq-cache.bin'));
    assert.ok(cache.includes('refresh_token'), 'the search finds what is there');
    assert.ok(!cache.some((kind) => /key|seed/.test(kind)));
    assert.deepEqual(await kindsIn(join(stack.agent.dataDir, 'secrets', 'agent-key.jwk')), ["the agent's private key"]);
    assert.deepEqual(await kindsIn(join(home.path, 'config', 'rockbot', 'signer.nk')), ["the command line's seed"]);
  });

  test('secrets - the UI tier kept nothing of the sign-in: its folders hold a name, a key of its own and no more [S4]', async () => {
    const files = (await filesIn(home.path)).map(({ name }) => name);
    assert.deepEqual(files.toSorted(), ['config/rockbot/known-agents.json', 'config/rockbot/signer.nk']);
  });

  test('secrets - a secret in a log line, whole, cut or encoded, would be found', async () => {
    const [secret] = (await knownSecrets()).filter(({ kind }) => kind === 'refresh_token');
    assert.ok(secret);
    const { value } = secret;
    const written: Record<string, string> = {
      raw: value,
      fragment: value.slice(100, 124),
      'URL-encoded': encodeURIComponent(value),
      base64: Buffer.from(`{"a":"${value}"}`).toString('base64'),
      'base64 behind one byte more': Buffer.from(`{"ab":"${value}"}`).toString('base64'),
      'base64 behind two bytes more': Buffer.from(`{"abc":"${value}"}`).toString('base64'),
      base64url: Buffer.from(`x${value}`).toString('base64url'),
      hex: Buffer.from(value).toString('hex'),
    };
    for (const [form, text] of Object.entries(written)) {
      const line = JSON.stringify({ time: new Date().toISOString(), level: 'info', message: `said ${text}.` });
      assert.equal(findLeaks([secret], [{ name: 'log', text: `${stack.output()}${line}\n` }]).length > 0, true, form);
    }
    const tooShort = findLeaks([secret], [{ name: 'log', text: value.slice(100, 123) }]);
    assert.deepEqual(tooShort, []);
  });

  test('secrets - a canary that really went through the product is found on the bus and in the audit log', async () => {
    const canary = `canary_${randomBytes(24).toString('hex')}`;
    await failed(stack.call(canary, {}));
    await until('the audit line is written', async () =>
      (await readFile(join(stack.agent.dataDir, 'audit', 'audit.jsonl'), 'utf8')).includes(canary),
    );
    await until('the bus has logged it', async () =>
      (await readFile(join(busFolder.path, 'nats-server.log'), 'utf8')).includes(canary),
    );
    const found = findLeaks([{ kind: 'canary', value: canary }], await places()).map(({ place }) => place);
    for (const place of [
      'nats-server.log',
      'audit/audit.jsonl',
      'bus: tool.invoke.mcp.rockbot',
      'bus: tool.result.rockbot',
      'errors at the UI',
    ])
      assert.ok(found.includes(place), `${place} in ${found.join(', ')}`);
  });
});

/** Kinds of answers that were given so far. */
const echoedKinds = new Set<string>();

/** An allowed server that repeats the Authorization header wherever it can. */
async function startEchoing(): Promise<Server> {
  const server = createServer((request, response) => {
    const kind = request.url?.slice(1) ?? '';
    const bearer = request.headers.authorization ?? '';
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const message = body === '' ? {} : (JSON.parse(body) as { id?: unknown; method?: string });
      const { id, method } = message;
      const answer = (member: object): void => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id, ...member }));
      };
      if (method === 'initialize' && kind !== 'initialize') {
        const serverInfo = { name: 'echo', version: '1' };
        answer({ result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo } });
      } else if (method === 'tools/list') {
        answer({ result: { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] } });
      } else if (method !== 'tools/call' && method !== 'initialize') {
        response.writeHead(method === undefined ? 405 : 202).end();
      } else {
        echoedKinds.add(kind);
        const said = `You sent ${bearer} (${bearer.slice(7)})`;
        const status = Number(kind);
        if (kind === 'rpc') answer({ error: { code: -32603, message: said } });
        else if (kind === 'tool-error') answer({ result: { isError: true, content: [{ type: 'text', text: said }] } });
        else if (kind === 'challenge')
          response
            .writeHead(401, { 'www-authenticate': `Bearer error="invalid_token", error_description="${said}"` })
            .end();
        else if (kind === 'redirect')
          response.writeHead(307, { location: `http://127.0.0.1:1/${bearer.slice(7)}` }).end();
        else if (kind === 'initialize') response.writeHead(400, { 'content-type': 'text/plain' }).end(said);
        else
          response
            .writeHead(status, { 'content-type': 'application/json' })
            .end(JSON.stringify({ error: { code: 'x', message: said } }));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
