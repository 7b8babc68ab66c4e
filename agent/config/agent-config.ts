// The agent's configuration: every setting of the contract parsed, with all problems reported together.
import { join } from 'node:path';
import { agentNamePattern } from '../../shared/agent-name.ts';
import { editingLevels, type EditingLevel } from '../../shared/contract/manage-messages.ts';
import { guardProblemText } from '../../shared/guards/guard-problem.ts';
import { parseGuardsText, type Guards } from '../../shared/guards/parse-guards.ts';
import type { CallLimits } from '../../shared/mcp-config/server-entry.ts';
import { isLoopbackHost, parseOrigin } from '../../shared/origin.ts';
import { Secret } from '../../shared/secret.ts';
import { logLevels, type LogLevel } from '../logger.ts';
import type { ProfileOptions } from '../auth/profiles.ts';
import { isInside } from '../files/is-inside.ts';
import { ConfigError } from './config-problems.ts';
import { readWebhook, type WebhookSettings } from './notify-settings.ts';
import { SettingReader } from './setting-reader.ts';
import { readSettings } from './settings-source.ts';

interface ConfiguredProfile extends ProfileOptions {
  /** Calls per UTC day of all servers that use the profile. */
  limits: Pick<CallLimits, 'callsPerDay' | 'callsPerDayPerCaller'>;
}

export interface AgentConfig {
  name: string;
  dataDir: string;
  nats: { url: string; nkeySeed?: Secret | undefined; creds?: Secret | undefined; ca?: string | undefined };
  workiq: {
    tenantId: string;
    clientId: string;
    /** Absolute URL with the tenant. */
    authority: string;
    ca?: string | undefined;
    trustedSigners: readonly string[];
    expectedAccount?: string | undefined;
    cacheFile: string;
    cacheKey?: Uint8Array | undefined;
  };
  /** The first one is `workiq`. */
  profiles: readonly [ConfiguredProfile, ...ConfiguredProfile[]];
  bridge: {
    configPath: string;
    defaultTimeoutMs: number;
    maxTimeoutMs: number;
    /** How much of mcp.json may be changed by writing it over the bus. */
    editableOverBus: EditingLevel;
  };
  patrolsPath: string;
  http: { host: string; port: number };
  /** The operator's own alerting, when there is one. */
  webhook?: WebhookSettings | undefined;
  logLevel: LogLevel;
  /** For the log at the start, each with its setting's name. */
  warnings: readonly string[];
}

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const openIdScopes = ['offline_access', 'openid', 'profile'];
const workIqOrigins = ['https://workiq.svc.cloud.microsoft', 'https://agent365.svc.cloud.microsoft'];
const publicCloud = 'https://login.microsoftonline.com';

/**
 * Throws ConfigError with every problem found. `volumeProblem` looks whether the agent can work with that folder and returns
 * what is wrong with it.
 */
export function loadConfig(
  env: NodeJS.ProcessEnv,
  { volumeProblem }: { volumeProblem?: (folder: string) => string | undefined } = {},
): AgentConfig {
  let reader: SettingReader;
  try {
    reader = new SettingReader(readSettings(env));
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
  const dataDir = reader.text('Agent__DataDir', {
    default: '/data/agent',
    hint: "give the folder of the agent's volume",
  });
  const tenantId = reader.text('WorkIQ__TenantId', { pattern: guidPattern, hint: 'give the GUID of the Entra tenant' });
  const config: AgentConfig = {
    name: reader.text('Agent__Name', {
      default: 'rockbot',
      pattern: agentNamePattern,
      hint: 'use 1 to 32 of a-z, 0-9 and "-"',
    }),
    dataDir,
    nats: readNats(reader),
    workiq: {
      tenantId,
      clientId: reader.text('WorkIQ__ClientId', {
        pattern: /^[\w.-]{1,128}$/,
        hint: 'give the application (client) id of the app registration',
      }),
      authority: readAuthority(reader, tenantId),
      ca: reader.content('WorkIQ__CaFile')?.toString('utf8'),
      trustedSigners: readSigners(reader),
      expectedAccount: reader.optional('WorkIQ__ExpectedAccount'),
      cacheFile: reader.optional('WorkIQ__CacheFile') ?? join(dataDir, 'secrets', 'workiq-cache.bin'),
      cacheKey: readCacheKey(reader, dataDir),
    },
    profiles: readProfiles(reader),
    bridge: {
      configPath: reader.optional('McpBridge__ConfigPath') ?? join(dataDir, 'mcp.json'),
      defaultTimeoutMs: reader.integer('McpBridge__DefaultTimeoutMs', { default: 60_000, min: 1, max: 3_600_000 }),
      maxTimeoutMs: reader.integer('McpBridge__MaxTimeoutMs', { default: 300_000, min: 1, max: 3_600_000 }),
      editableOverBus: readEditing(reader),
    },
    patrolsPath: reader.optional('Patrols__Path') ?? join(dataDir, 'patrols.json'),
    http: {
      host: reader.text('Http__Host', { default: '0.0.0.0', hint: 'give an address to listen on' }),
      port: reader.integer('Http__Port', { default: 8090, min: 0, max: 65_535 }),
    },
    webhook: readWebhook(reader),
    logLevel: reader.text('Log__Level', {
      default: 'info',
      pattern: /^(?:debug|info|warn|error)$/,
      hint: `use one of ${logLevels.join(', ')}`,
    }) as LogLevel,
    warnings: reader.warnings,
  };
  reader.reportUnknown();
  const volume = volumeProblem?.(dataDir);
  if (volume !== undefined) reader.problems.push(`Agent__DataDir is "${dataDir}"${volume}.`);
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return config;
}

/** Nothing fails open: a level that cannot be read stops the start (promise P14). */
function readEditing(reader: SettingReader): EditingLevel {
  const name = 'McpBridge__EditableOverBus';
  const value = reader.text(name, {
    default: 'registered',
    pattern: new RegExp(`^(?:${editingLevels.join('|')})$`),
    hint: `use one of ${editingLevels.join(', ')}`,
  });
  if (reader.isBlank(name)) reader.problems.push(`${name} is empty: use one of ${editingLevels.join(', ')}.`);
  return editingLevels.find((level) => level === value) ?? 'off';
}

function readNats(reader: SettingReader): AgentConfig['nats'] {
  const name = 'Nats__Url';
  const url = reader.text(name, { default: 'ws://127.0.0.1:4223', hint: 'give the WebSocket address of NATS' });
  const nkeySeed = reader.content('Nats__NkeySeedFile', { isSecret: true })?.toString('utf8').trim();
  const creds = reader.content('Nats__CredsFile', { isSecret: true })?.toString('utf8');
  const ca = reader.content('Nats__CaFile')?.toString('utf8');
  if (nkeySeed !== undefined && !/^S[UAO][A-Z2-7]{56}$/.test(nkeySeed))
    reader.problems.push('Nats__NkeySeedFile holds no nkey seed (one line that begins with "SU").');
  if (creds !== undefined && !/BEGIN USER NKEY SEED/.test(creds))
    reader.problems.push('Nats__CredsFile holds no NATS user credentials.');
  if (nkeySeed !== undefined && creds !== undefined)
    reader.problems.push('Nats__NkeySeedFile and Nats__CredsFile exclude each other.');
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^wss?:$/.test(parsed.protocol)) {
    reader.problems.push(`${name} is "${url}": use ws://host:port or wss://host:port.`);
  } else if (parsed.username !== '' || parsed.password !== '') {
    reader.problems.push(`${name} holds credentials: use Nats__NkeySeedFile or Nats__CredsFile instead.`);
  } else if (!isLoopbackHost(parsed.hostname)) {
    if (nkeySeed === undefined && creds === undefined) {
      reader.problems.push(
        `${name} is not on this machine: Nats__NkeySeedFile or Nats__CredsFile is needed, since anybody could use the agent without.`,
      );
    }
  }
  return {
    url,
    nkeySeed: nkeySeed === undefined ? undefined : new Secret(nkeySeed),
    creds: creds === undefined ? undefined : new Secret(creds),
    ca,
  };
}

function readAuthority(reader: SettingReader, tenantId: string): string {
  const name = 'WorkIQ__Authority';
  const value = reader.optional(name) ?? publicCloud;
  if (!URL.canParse(value) || new URL(value).protocol !== 'https:') {
    reader.problems.push(`${name} is "${value}": use an https:// address.`);
    return value;
  }
  const url = new URL(value);
  const path = url.pathname.replace(/\/+$/, '');
  return path === '' ? `${url.origin}/${tenantId}` : `${url.origin}${path}`;
}

function readSigners(reader: SettingReader): string[] {
  const name = 'WorkIQ__TrustedSigners';
  const signers = reader.list(name);
  for (const signer of signers) {
    if (!/^U[A-Z2-7]{55}$/.test(signer))
      reader.problems.push(`${name} holds "${signer}": use public user nkeys (56 characters that begin with "U").`);
  }
  return signers;
}

function readCacheKey(reader: SettingReader, dataDir: string): Uint8Array | undefined {
  const name = 'WorkIQ__CacheKeyFile';
  const content = reader.content(name, { isSecret: true });
  if (content === undefined) return undefined;
  if (isInside(reader.optional(name) ?? '', dataDir)) {
    reader.problems.push(
      `${name} lies in Agent__DataDir: keep it outside the volume, or whoever has a copy of that has the key as well.`,
    );
  }
  const text = content.toString('latin1').trim();
  // 32 printable characters are no random bytes, but half a key in hex, or a password.
  if (content.length === 32 && !/^[\x20-\x7e]+$/.test(text)) return new Uint8Array(content);
  if (/^[0-9a-f]{64}$/i.test(text)) return new Uint8Array(Buffer.from(text, 'hex'));
  if (/^[\w+/-]{43}=?$/.test(text)) return new Uint8Array(Buffer.from(text, 'base64'));
  reader.problems.push(`${name} holds no 32-byte key: use 32 raw bytes, or their base64 or hex form.`);
  return undefined;
}

function readProfiles(reader: SettingReader): [ConfiguredProfile, ...ConfiguredProfile[]] {
  const scopes = reader.list('WorkIQ__Scopes');
  const origins = reader.list('WorkIQ__AllowedOrigins');
  const workiq = {
    name: 'workiq',
    scopes: withOpenId(scopes.length > 0 ? scopes : ['api://workiq.svc.cloud.microsoft/WorkIQAgent.Ask']),
    allowedOrigins: readOrigins(reader, 'WorkIQ__AllowedOrigins', origins.length > 0 ? origins : workIqOrigins),
    guards: readGuards(reader, 'WorkIQ__Guards'),
    limits: readLimits(reader, 'WorkIQ__'),
  };
  const further = reader.namesUnder('Auth__Profiles__').map((name) => {
    const prefix = `Auth__Profiles__${name}__`;
    const profileScopes = reader.list(`${prefix}Scopes`);
    const profileOrigins = reader.list(`${prefix}AllowedOrigins`);
    if (name === 'workiq')
      reader.problems.push(
        `${prefix}Scopes: the profile "workiq" is built in; use WorkIQ__Scopes and WorkIQ__AllowedOrigins.`,
      );
    if (profileScopes.length === 0) reader.problems.push(`${prefix}Scopes is missing: give the scopes to request.`);
    if (profileOrigins.length === 0)
      reader.problems.push(`${prefix}AllowedOrigins is missing: say where this profile's bearer may go.`);
    return {
      name,
      scopes: withOpenId(profileScopes),
      allowedOrigins: readOrigins(reader, `${prefix}AllowedOrigins`, profileOrigins),
      guards: readGuards(reader, `${prefix}Guards`),
      limits: readLimits(reader, prefix),
    };
  });
  for (const { name, scopes: requested } of [workiq, ...further]) {
    const unqualified = requested.filter(
      (scope) => !openIdScopes.includes(scope) && scope !== 'email' && !scope.includes('/'),
    );
    const setting = name === 'workiq' ? 'WorkIQ__Scopes' : `Auth__Profiles__${name}__Scopes`;
    if (unqualified.length > 0)
      reader.warnings.push(
        `${setting} holds "${unqualified.join(' ')}" without its resource, which Entra takes for scopes of Microsoft Graph; for another resource write api://…/${unqualified[0]}.`,
      );
  }
  return [workiq, ...further];
}

/** Nothing fails open: guards that cannot be read stop the start (promise P14). */
function readGuards(reader: SettingReader, name: string): Guards | undefined {
  const text = reader.optional(name);
  if (reader.isBlank(name))
    reader.problems.push(`${name} is empty: name a preset such as "read-only", or leave it out.`);
  if (text === undefined) return undefined;
  const parsed = parseGuardsText(text);
  if (parsed.ok) return parsed.guards;
  reader.problems.push(...parsed.problems.map((problem) => `${name}: ${guardProblemText(problem)}.`));
  return undefined;
}

/** Nothing fails open: a budget that cannot be read stops the start (promise P14). */
function readLimits(reader: SettingReader, prefix: string): ConfiguredProfile['limits'] {
  const callsPerDay = readCalls(reader, `${prefix}CallsPerDay`);
  const callsPerDayPerCaller = readCalls(reader, `${prefix}CallsPerDayPerCaller`);
  return {
    ...(callsPerDay !== undefined && { callsPerDay }),
    ...(callsPerDayPerCaller !== undefined && { callsPerDayPerCaller }),
  };
}

function readCalls(reader: SettingReader, name: string): number | undefined {
  if (reader.isBlank(name)) reader.problems.push(`${name} is empty: give a number of calls, or leave it out.`);
  if (reader.optional(name) === undefined) return undefined;
  return reader.integer(name, { default: 0, min: 0, max: 1_000_000_000 });
}

function withOpenId(scopes: readonly string[]): string[] {
  return [...new Set([...scopes, ...openIdScopes])];
}

function readOrigins(reader: SettingReader, name: string, values: readonly string[]): string[] {
  return values.flatMap((value) => {
    const origin = parseOrigin(value);
    if (origin === undefined)
      reader.problems.push(
        `${name} holds "${value}": use origins like https://host or http://127.0.0.1:port, without a path.`,
      );
    return origin === undefined ? [] : [origin];
  });
}
