// `npm run simulators`: keeps nats-server, both simulators and an agent running for a person to explore the product with.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startAgentProcess } from './agent-process.ts';
import { interruption } from './interruption.ts';
import { startTestNats } from './nats.ts';
import { agentEnvironment, startEntraProcess, startWorkIqProcess } from './stack.ts';

const { values } = parseArgs({
  options: {
    /** Seconds that an access token lives. */
    'token-life': { type: 'string', default: '60' },
    /** Whether mails can be sent and changed; Microsoft's default is denied. */
    mutations: { type: 'string', default: 'allowed' },
    port: { type: 'string', default: '4223' },
  },
});

const interrupted = interruption();
await using cleanup = new AsyncDisposableStack();
execFileSync(process.execPath, ['esbuild.mjs']);
const folder = await mkdtemp(join(tmpdir(), 'rockbot-simulators-'));
cleanup.defer(() => rm(folder, { recursive: true, force: true }));
const websocketPort = await portOrAny(Number(values.port));
const nats = await startTestNats({ websocketPort });
cleanup.use(nats);
const entra = await startEntraProcess({ accessTokenLifeSeconds: Number(values['token-life']) });
cleanup.use(entra.child);
const workiq = await startWorkIqProcess(entra, { mutations: values.mutations });
cleanup.use(workiq.child);
const agent = await startAgentProcess({
  busUrl: nats.url,
  dataDir: folder,
  program: 'dist/agent.cjs',
  env: {
    ...agentEnvironment(entra, workiq),
    Auth__Profiles__agent365__Scopes: 'ea9ffc3e-8a23-4a7d-836d-234d7c7565c1/.default',
    Auth__Profiles__agent365__AllowedOrigins: workiq.origin,
  },
  mcpConfig: {
    mcpServers: {
      workiq: { type: 'http', url: workiq.mcpUrl, auth: { profile: 'workiq' } },
      mail: { type: 'http', url: workiq.mailUrl, auth: { profile: 'agent365' } },
      calendar: { type: 'http', url: workiq.calendarUrl, auth: { profile: 'agent365' } },
    },
  },
});
cleanup.use(agent);

console.log(`
Everything runs. In another terminal, in this folder:

  export ROCKBOT_NATS_URL=${nats.url} NODE_EXTRA_CA_CERTS=${entra.caFile} XDG_CONFIG_HOME=${folder}
  npx rockbot doctor
  npx rockbot auth workiq --device-code     # open the address, enter the code, pick Adele
  npx rockbot tools list
  npx rockbot tools call workiq fetch --args '{"entityUrls":["/me/messages?$top=5"]}'
  npx rockbot tools call workiq ask --args '{"question":"What is on today?"}'

  mcp.json          ${join(folder, 'mcp.json')}
  agent metrics     http://127.0.0.1:${agent.httpPort}/metrics
  Entra control     ${entra.adminUrl}   e.g. curl -X POST ${entra.adminUrl}/admin/revoke-refresh-tokens -d '{"user":"adele"}'
  Work IQ control   ${workiq.adminUrl}   e.g. curl ${workiq.adminUrl}/state

Ctrl-C ends all of it.
`);
await new Promise<void>((resolve) => {
  void interrupted.then(() => resolve());
  void agent.child.exited.then((code) => {
    // Ctrl-C reaches the agent too, which then ends by itself.
    if (code === 0) return;
    console.error(`The agent ended (${code}):\n${agent.output().slice(-2_000)}`);
    process.exitCode = 1;
    resolve();
  });
});

async function portOrAny(port: number): Promise<number> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen(port, '127.0.0.1', resolve);
    });
    return port;
  } catch {
    console.error(`Port ${port} is taken; another one is used.`);
    return 0;
  } finally {
    await new Promise((resolve) => probe.close(resolve));
  }
}
