// Puts options and environment together into the settings of one run; it reads no file.
import { agentNamePattern } from '../../shared/agent-name.ts';
import { ConfigurationError, UsageError } from './cli-errors.ts';
import type { GlobalOptions } from './invocation.ts';

export interface CliSettings {
  busUrl: string;
  agent: string;
  /** The two above as far as an option or a variable says them; the rest are defaults. */
  given: { busUrl?: string | undefined; agent?: string | undefined };
  /** Where the bus credentials are; absent for a bus without users. */
  credentialsFile?: { kind: 'nkey' | 'creds'; path: string; isOption: boolean } | undefined;
  /** Certificate authority of the bus. */
  busCaFile?: string | undefined;
  /** Certificate authority of the sign-in service. */
  entraCaFile?: string | undefined;
  json: boolean;
  timeoutMs?: number | undefined;
}

export const defaultBusUrl = 'ws://127.0.0.1:4223';
export const defaultAgent = 'rockbot';

/** @throws UsageError for an option, ConfigurationError for a variable */
export function resolveSettings(globals: GlobalOptions, env: NodeJS.ProcessEnv): CliSettings {
  const busUrl = pick(globals.nats, '--nats', env, 'ROCKBOT_NATS_URL');
  const agent = pick(globals.agent, '--agent', env, 'ROCKBOT_AGENT');
  if (agent !== undefined && !agentNamePattern.test(agent.text)) {
    throw agent.fail(`is no name of an agent: "${agent.text}"`, 'Use 1 to 32 of a-z, 0-9 and "-".');
  }
  const given = { busUrl: busUrl && checkedUrl(busUrl), agent: agent?.text };
  return {
    busUrl: given.busUrl ?? defaultBusUrl,
    agent: given.agent ?? defaultAgent,
    given,
    credentialsFile: credentialsFile(globals, env),
    busCaFile: env['Nats__CaFile'] || undefined,
    entraCaFile: env['WorkIQ__CaFile'] || undefined,
    json: globals.json,
    timeoutMs: globals.timeoutMs,
  };
}

interface Picked {
  text: string;
  fail: (problem: string, action: string) => Error;
}

function pick(option: string | undefined, name: string, env: NodeJS.ProcessEnv, variable: string): Picked | undefined {
  if (option !== undefined) {
    return { text: option, fail: (problem, action) => new UsageError(`${name} ${problem}.`, action) };
  }
  const text = env[variable];
  if (text === undefined || text === '') return undefined;
  return { text, fail: (problem, action) => new ConfigurationError(`${variable} ${problem}.`, action) };
}

function checkedUrl({ text, fail }: Picked): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'ws:' && url.protocol !== 'wss:')) {
    throw fail(
      'is no ws:// or wss:// address',
      'Give the WebSocket address of the bus, for example wss://bus.example/.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw fail('holds credentials', 'Leave them out of the address; use --nkey or --creds.');
  }
  return text;
}

function credentialsFile(globals: GlobalOptions, env: NodeJS.ProcessEnv): CliSettings['credentialsFile'] {
  if (globals.nkey !== undefined) return { kind: 'nkey', path: globals.nkey, isOption: true };
  if (globals.creds !== undefined) return { kind: 'creds', path: globals.creds, isOption: true };
  const [nkey, creds] = [env['ROCKBOT_NKEY'], env['ROCKBOT_CREDS']];
  if (nkey && creds) {
    throw new ConfigurationError('ROCKBOT_NKEY and ROCKBOT_CREDS exclude each other.', 'Unset one of them.');
  }
  if (nkey) return { kind: 'nkey', path: nkey, isOption: false };
  return creds ? { kind: 'creds', path: creds, isOption: false } : undefined;
}
