// Starts one nats-server from settings and waits until it serves, or says why it does not; it starts it only once.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsServerConfig, type NatsServerSettings } from './nats-server-config.ts';
import { NatsServerError } from './nats-server-error.ts';
import { waitForNatsServer, type NatsServerAddresses } from './nats-server-ready.ts';
import { NatsServerRun, type NatsServerExit } from './nats-server-run.ts';

export interface StartRunOptions {
  binary: string;
  settings: Omit<NatsServerSettings, 'directory'>;
  /** Variables that the configuration may name; nothing else of the environment reaches the server. */
  env: NodeJS.ProcessEnv;
  readyTimeoutMs: number;
  onLog?: ((line: string) => void) | undefined;
  signal: AbortSignal;
}

export interface StartedRun extends NatsServerAddresses {
  run: NatsServerRun;
}

/** @throws NatsServerError `port_in_use`, `config_invalid`, `start_timeout`, `crashed`; nothing is left running then. */
export async function startNatsServerRun(options: StartRunOptions): Promise<StartedRun> {
  const { binary, settings, env, readyTimeoutMs, onLog, signal } = options;
  signal.throwIfAborted();
  // mkdtemp makes folders 0700.
  const directory = await mkdtemp(join(tmpdir(), 'rockbot-nats-'));
  const config = join(directory, 'nats-server.conf');
  const serverName = `rockbot-${randomUUID()}`;
  try {
    await writeFile(config, natsServerConfig({ ...settings, directory }), { mode: 0o600 });
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  const run = new NatsServerRun({
    binary,
    args: ['-c', config, '-n', serverName],
    directory,
    env: { ...systemVariables(), ...env },
    onLog,
  });
  const waiting = new AbortController();
  const deadline = setTimeout(() => waiting.abort(timedOut(readyTimeoutMs)), readyTimeoutMs);
  void run.exited.then((exit) => waiting.abort(endedEarly(exit, settings)));
  try {
    const ready = AbortSignal.any([signal, waiting.signal]);
    return { run, ...(await waitForNatsServer({ directory, serverName, signal: ready })) };
  } catch (error) {
    run.end();
    await run.exited;
    throw error;
  } finally {
    clearTimeout(deadline);
  }
}

/** What programs need to run at all; credentials in this process's environment are not the server's business. */
function systemVariables(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TMP', 'TEMP', 'SystemRoot', 'USERPROFILE'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function timedOut(readyTimeoutMs: number): NatsServerError {
  return new NatsServerError({
    problem: 'start_timeout',
    message: `nats-server did not answer on its WebSocket within ${readyTimeoutMs} ms.`,
    nextStep:
      'Try again; if it stays so, look whether a firewall or a virus scanner holds up connections to 127.0.0.1.',
  });
}

/** Its log is the only place where the server says why it ended. */
function endedEarly(
  { code, signal, log }: NatsServerExit,
  settings: Omit<NatsServerSettings, 'directory'>,
): NatsServerError {
  const reason = log.findLast((line) => /\[FTL\]|nats-server: /.test(line)) ?? log.at(-1) ?? '';
  const text = reason.replace(/^.*?(?:\[FTL\]|nats-server:)\s*/, '');
  if (/address already in use|Only one usage of each socket address/i.test(text)) {
    return new NatsServerError({
      problem: 'port_in_use',
      message: `nats-server cannot listen on ${settings.host}:${settings.websocketPort}: another program does.`,
      nextStep: 'Choose another port, or end the program that holds this one.',
    });
  }
  if (/\.conf:\d+:\d+|[Pp]arse error|variable reference/.test(text) || (code === 1 && log.length <= 1)) {
    return new NatsServerError({
      problem: 'config_invalid',
      message: `nats-server does not accept its configuration: ${text || 'it gave no reason'}`,
      nextStep: 'Correct the configuration that the message names.',
    });
  }
  return new NatsServerError({
    problem: 'crashed',
    message: `nats-server ended (${signal ?? `exit code ${code}`}): ${text || 'it gave no reason'}`,
    nextStep: 'Look at its log; try again.',
  });
}
