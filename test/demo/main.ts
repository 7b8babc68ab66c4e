// `npm run demo`: the whole story of the product against local simulators, unattended; `-- --interactive` lets you sign in.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { z } from 'zod';
import { connectBus, type Bus } from '../../extension/bus.ts';
import { abortable } from '../../shared/abort.ts';
import { startAgentProcess, type AgentProcess } from '../support/agent-process.ts';
import { interruption } from '../support/interruption.ts';
import { startTestNats } from '../support/nats.ts';
import { agentEnvironment, startEntraProcess, startWorkIqProcess, type EntraProcess } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { createStory } from './story.ts';
import { runRockbot, type CommandOutcome } from './rockbot-command.ts';

const { values: options } = parseArgs({
  options: {
    interactive: { type: 'boolean', default: false },
    /** Takes dist/ as it is, for whoever has just built it and has others use it. */
    built: { type: 'boolean', default: false },
  },
});

/** Seconds that an access token lives here; with Microsoft it is about an hour. */
const tokenLifeSeconds = 2;
const lifetimes = 5;
/** Seconds that Work IQ forgives, as Microsoft's servers do; a busy machine may need them. */
const clockSkewSeconds = 30;

/** A line of `rockbot auth workiq --json`. */
const signInEvent = z.looseObject({
  event: z.string(),
  userCode: z.string().optional(),
  verificationUri: z.string().optional(),
});

const story = createStory();
const started = performance.now();
const interrupted = new AbortController();
void interruption().then((signal) => interrupted.abort(new Error(`it was interrupted by ${signal}`)));
const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };

try {
  await tell();
  console.log(
    `\n${pc.green('✔')} That was the whole story, in ${((performance.now() - started) / 1000).toFixed(1)} s. Nothing is left running.`,
  );
  console.log(
    `  Next: ${pc.bold('npm run simulators')} keeps it all running for you to explore; README.md says how.\n`,
  );
} catch (error) {
  if (interrupted.signal.aborted) console.error('\nInterrupted. Nothing is left running.');
  else console.error(`\n${pc.red('✘')} The demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
}

async function tell(): Promise<void> {
  console.log(pc.bold('\nRockBot: consent once, and a headless agent calls Microsoft Work IQ from then on.'));
  console.log(pc.dim('Everything below is real but Microsoft: its sign-in and Work IQ are simulated on this machine.'));
  await using cleanup = new AsyncDisposableStack();
  const configFolder = await mkdtemp(join(tmpdir(), 'rockbot-demo-'));
  cleanup.defer(() => rm(configFolder, { recursive: true, force: true }));

  chapter('Start');
  let since = performance.now();
  if (!options.built) {
    execFileSync(process.execPath, ['esbuild.mjs']);
    story.say('built dist/', performance.now() - since);
  }
  since = performance.now();
  const nats = await startTestNats();
  cleanup.use(nats);
  story.say(`nats-server at ${nats.url}`, performance.now() - since);
  since = performance.now();
  const entra = await startEntraProcess({
    accessTokenLifeSeconds: tokenLifeSeconds,
    clockSkewSeconds,
    deviceCodeIntervalSeconds: 1,
  });
  cleanup.use(entra.child);
  const workiq = await startWorkIqProcess(entra);
  cleanup.use(workiq.child);
  story.say(
    `Microsoft Entra (simulated) at ${entra.origin}, Work IQ (simulated) at ${workiq.mcpUrl}`,
    performance.now() - since,
  );
  since = performance.now();
  const agent = await startAgentProcess({
    busUrl: nats.url,
    program: 'dist/agent.cjs',
    env: agentEnvironment(entra, workiq),
    mcpConfig: { mcpServers: { workiq: { type: 'http', url: workiq.mcpUrl, auth: { profile: 'workiq' } } } },
  });
  cleanup.use(agent);
  story.say(`rockbot-agent, process ${agent.child.pid}, with nobody signed in`, performance.now() - since);

  const bus = await connectBus({ url: nats.url, agent: 'rockbot', source: 'demo' });
  cleanup.defer(() => bus.close());
  const env = {
    ...process.env,
    ...color,
    ROCKBOT_NATS_URL: nats.url,
    NODE_EXTRA_CA_CERTS: entra.caFile,
    XDG_CONFIG_HOME: configFolder,
  };

  chapter('Before the consent, a call says what is missing');
  await refusedCall(env);

  chapter('A person consents once');
  await signIn(entra, env);

  chapter('From now on the agent answers, with nobody present');
  await toolsAppear(bus);
  await run(['tools', 'list'], env, 16);
  await run(
    ['tools', 'call', 'workiq', 'fetch', '--args', JSON.stringify({ entityUrls: ['/me/messages?$top=6'] })],
    env,
  );
  await run(['tools', 'call', 'workiq', 'fetch', '--args', JSON.stringify({ entityUrls: [calendarUrl()] })], env);

  chapter(`Access tokens expire after ${tokenLifeSeconds} s; calls go on over ${lifetimes} lifetimes`);
  await outliveTokens(bus, entra);

  chapter('An administrator revokes the sign-in');
  await revoke(bus, entra, env);

  chapter('One sign-in repairs it, without a restart');
  await signIn(entra, env);
  await toolsAppear(bus);
  await run(
    ['tools', 'call', 'workiq', 'fetch', '--args', JSON.stringify({ entityUrls: ['/me', '/me/manager'] })],
    env,
  );
  await run(['auth', 'status'], env);
  story.say(`still process ${agent.child.pid}`);

  chapter('End');
  since = performance.now();
  await stopAgent(agent);
  await cleanup.disposeAsync();
  story.say('agent, simulators and nats-server have ended', performance.now() - since);
}

function chapter(title: string): void {
  interrupted.signal.throwIfAborted();
  story.chapter(title);
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv, maxLines?: number): Promise<CommandOutcome> {
  story.command(`rockbot ${args.map((arg) => (/^[\w./:-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ')}`);
  const outcome = await runRockbot(args, { env, signal: interrupted.signal });
  story.show(outcome.stdout, maxLines);
  if (outcome.code !== 0) throw new Error(`rockbot ended with ${outcome.code}: ${outcome.stderr}`);
  return outcome;
}

async function refusedCall(env: NodeJS.ProcessEnv): Promise<void> {
  const args = ['tools', 'call', 'workiq', 'fetch', '--args', '{"entityUrls":["/me"]}'];
  story.command(`rockbot ${args.slice(0, 4).join(' ')} --args '{"entityUrls":["/me"]}'`);
  const { code, stderr, stdout } = await runRockbot(args, { env, signal: interrupted.signal });
  story.show([stdout, stderr].filter((text) => text !== '').join('\n'));
  if (code !== 77) throw new Error(`a call without a sign-in should end with 77, not ${code}`);
  story.say('exit code 77: a sign-in is needed');
}

async function signIn(entra: EntraProcess, env: NodeJS.ProcessEnv): Promise<void> {
  story.command('rockbot auth workiq --device-code --json');
  const { code, stderr, milliseconds } = await runRockbot(['auth', 'workiq', '--device-code', '--json'], {
    env,
    signal: interrupted.signal,
    onLine: (line) => {
      story.show(line);
      const { event, userCode, verificationUri } = signInEvent.parse(JSON.parse(line));
      if (event !== 'device_code' || userCode === undefined) return;
      if (options.interactive) {
        story.say(
          pc.bold(
            `Open ${verificationUri ?? ''}, enter ${userCode}, and pick Adele. (The certificate is the simulator's own.)`,
          ),
        );
        return;
      }
      void entra.control.decideDeviceCode({ userCode, decision: 'approve', user: 'adele' });
      story.say('Adele enters the code in her browser and accepts');
    },
  });
  if (code !== 0) throw new Error(`the sign-in ended with ${code}: ${stderr}`);
  story.say('the agent opened the seal, refreshed once, stored it, and only then said "connected"', milliseconds);
}

async function toolsAppear(bus: Bus): Promise<void> {
  await until('the servers are ready', async () => {
    const { servers } = await bus.request('toolList', {});
    return servers.every(({ state }) => state === 'ready');
  });
}

async function outliveTokens(bus: Bus, entra: EntraProcess): Promise<void> {
  const before = await refreshCount(entra);
  const since = performance.now();
  let calls = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() - since < lifetimes * tokenLifeSeconds * 1_000) {
      interrupted.signal.throwIfAborted();
      await bus.request('toolInvoke', {
        callId: crypto.randomUUID(),
        server: 'workiq',
        tool: 'fetch',
        arguments: { entityUrls: ['/me?$select=id'] },
      });
      calls++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  const refreshes = (await refreshCount(entra)) - before;
  story.say(`${calls} calls by 8 callers, 0 failed, ${refreshes} silent refreshes`, performance.now() - since);
}

async function refreshCount(entra: EntraProcess): Promise<number> {
  return (await entra.control.counters()).tokenRequests['refresh_token'] ?? 0;
}

async function revoke(bus: Bus, entra: EntraProcess, env: NodeJS.ProcessEnv): Promise<void> {
  const notices: string[] = [];
  const notice = new Promise<void>((resolve) => {
    void bus.subscribe('authExpired', ({ reason, episodeId }) => {
      notices.push(episodeId);
      story.say(`${pc.yellow('notice')} on auth.workiq.expired.rockbot: ${reason.message} ${reason.action}`);
      resolve();
    });
  });
  await entra.control.revokeRefreshTokens({ user: 'adele', aadsts: 50173 });
  await entra.control.revokeAccessTokens({ user: 'adele' });
  await refusedCall(env);
  await abortable(notice, interrupted.signal);
  await refusedCall(env);
  if (notices.length !== 1) throw new Error(`the notice came ${notices.length} times`);
  await run(['tools', 'list'], env, 6);
  story.say('the notice came once, however many calls are refused');
}

async function stopAgent(agent: AgentProcess): Promise<void> {
  const code = await agent.child.stop();
  if (code !== 0) throw new Error(`the agent ended with ${code}`);
}

function calendarUrl(): string {
  const start = new Date();
  start.setUTCHours(0, 0, 0, 0);
  const end = new Date(start.getTime() + 2 * 24 * 60 * 60 * 1_000);
  return `/me/calendarView?startDateTime=${start.toISOString()}&endDateTime=${end.toISOString()}`;
}
