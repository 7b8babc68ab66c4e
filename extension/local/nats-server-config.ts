// Writes the configuration text of a local nats-server; it starts nothing and writes no file.
import { isAbsolute, relative, sep } from 'node:path';
import { NatsServerError } from './nats-server-error.ts';

export interface NatsUser {
  /** Public nkey of a user ("U…"); the server never sees the seed. */
  nkey: string;
  /** Absent: the user may do everything. Only these subjects otherwise. */
  permissions?: { publish: readonly string[]; subscribe: readonly string[]; allowResponses?: boolean };
}

export interface NatsServerSettings {
  /** A loopback address: the listener has no TLS. */
  host: string;
  /** 0 for a free one. */
  websocketPort: number;
  /** 0 for a free one. */
  clientPort: number;
  /** Largest message in bytes; the server's default is 1 MiB. */
  maxPayload?: number | undefined;
  /** Turns JetStream on and keeps its data here; off without it. */
  storeDir?: string | undefined;
  /** Who may connect; everybody on this machine when absent. */
  users?: readonly NatsUser[] | undefined;
  /** A file with further settings, such as accounts; relative includes in it work. */
  configFile?: string | undefined;
  /** Further settings as text. */
  configText?: string | undefined;
  /** The run's own folder, where the server writes which ports it got. */
  directory: string;
}

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/** @throws NatsServerError `config_invalid` */
export function natsServerConfig(settings: NatsServerSettings): string {
  const { host, websocketPort, clientPort, maxPayload, storeDir, users, configFile, configText, directory } = settings;
  if (!loopback.has(host)) {
    throw invalid(`${host} is no loopback address`, 'Use 127.0.0.1, or run a nats-server with TLS of your own.');
  }
  // The file's own listeners, if any, stand before ours and lose.
  return [
    ...(configFile === undefined ? [] : [`include "${includePath(directory, configFile)}"`]),
    ...(configText === undefined ? [] : [configText]),
    `host: ${quote(host)}`,
    `port: ${clientPort || -1}`,
    `ports_file_dir: ${quote(directory)}`,
    `websocket { host: ${quote(host)}, port: ${websocketPort || -1}, no_tls: true }`,
    ...(maxPayload === undefined ? [] : [`max_payload: ${maxPayload}`]),
    ...(storeDir === undefined ? [] : [`jetstream { store_dir: ${quote(storeDir)} }`]),
    ...(users === undefined ? [] : [`authorization { users: [ ${users.map(userEntry).join(', ')} ] }`]),
    '',
  ].join('\n');
}

function userEntry({ nkey, permissions }: NatsUser): string {
  if (permissions === undefined) return `{ nkey: ${quote(nkey)} }`;
  const list = (subjects: readonly string[]): string =>
    // An empty allow list would allow everything.
    subjects.length === 0 ? '{ deny: ">" }' : `{ allow: [${subjects.map(quote).join(', ')}] }`;
  const responses = permissions.allowResponses === true ? ', allow_responses: { max: 1024, expires: "6m" }' : '';
  return `{ nkey: ${quote(nkey)}, permissions: { publish: ${list(permissions.publish)}, subscribe: ${list(permissions.subscribe)}${responses} } }`;
}

/** The server joins every include to the folder of the including file, absolute ones too. */
function includePath(directory: string, file: string): string {
  const path = relative(directory, file);
  if (isAbsolute(path) || path.includes('"')) {
    throw invalid(`${file} cannot be included from ${directory}`, 'Put the file on the drive of the temporary folder.');
  }
  return path.split(sep).join('/');
}

/** A JSON string is a string of the server's configuration language too, except for what JSON escapes with \u. */
function quote(text: string): string {
  const quoted = JSON.stringify(text);
  if (/\\[ubf]/.test(quoted.replaceAll('\\\\', ''))) {
    throw invalid('a setting holds a control character', 'Remove it.');
  }
  return quoted;
}

function invalid(message: string, nextStep: string): NatsServerError {
  return new NatsServerError({ problem: 'config_invalid', message: `nats-server cannot start: ${message}.`, nextStep });
}
