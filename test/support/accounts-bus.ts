// A real bus with the shipped accounts example: fresh keys for its users, connections that keep their violations.
import { createUser } from '@nats-io/nkeys';
import { connect, Events, nkeyAuthenticator, type NatsConnection } from 'nats.ws';
import { fileURLToPath } from 'node:url';
import type { NatsServerProcess } from '../../extension/local/nats-server-process.ts';
import { startTestNats, type TestNatsOptions } from './nats.ts';

export const accountsFile = fileURLToPath(new URL('../../deploy/nats/accounts.conf', import.meta.url));

/** The users of deploy/nats/accounts.conf, and strangers to it. */
export type BusUser =
  'AGENT' | 'UI_ALICE' | 'UI_BOB' | 'UI_VIEWER' | 'MONITOR' | 'SYS' | 'AGENT_2' | 'UI_CAROL' | 'STRANGER';

const users: readonly BusUser[] = [
  'AGENT',
  'UI_ALICE',
  'UI_BOB',
  'UI_VIEWER',
  'MONITOR',
  'SYS',
  'AGENT_2',
  'UI_CAROL',
  'STRANGER',
];

export interface Violation {
  operation: string;
  subject: string;
}

export interface BusClient {
  readonly connection: NatsConnection;
  /** Seen so far on the connection's status. */
  readonly violations: readonly Violation[];
}

export interface AccountsBus extends AsyncDisposable {
  readonly server: NatsServerProcess;
  /** `_INBOX_<public nkey>` */
  inboxPrefix(user: BusUser): string;
  /** Seed of a user's nkey, for parts that read a seed file. */
  seed(user: BusUser): Uint8Array;
  publicKey(user: BusUser): string;
  connect(user: BusUser): Promise<BusClient>;
}

/** Without `configText` the shipped file itself, unchanged. */
export async function startAccountsBus(options: TestNatsOptions = {}): Promise<AccountsBus> {
  const keys = new Map(users.map((user) => [user, createUser()]));
  const key = (user: BusUser): ReturnType<typeof createUser> => {
    const found = keys.get(user);
    if (found === undefined) throw new Error(`no key for ${user}`);
    return found;
  };
  const publicKey = (user: BusUser): string => key(user).getPublicKey();
  const inboxPrefix = (user: BusUser): string => `_INBOX_${publicKey(user)}`;
  const env = Object.fromEntries(
    users.flatMap((user) => [
      [`ROCKBOT_${user}_NKEY`, publicKey(user)],
      [`ROCKBOT_${user}_INBOX`, `${inboxPrefix(user)}.>`],
    ]),
  );
  const server = await startTestNats({
    ...(options.configText === undefined ? { configFile: accountsFile } : {}),
    ...options,
    env,
  });
  const connections: NatsConnection[] = [];
  return {
    server,
    inboxPrefix,
    publicKey,
    seed: (user) => key(user).getSeed(),
    async connect(user) {
      const connection = await connect({
        servers: server.url,
        name: user,
        authenticator: nkeyAuthenticator(key(user).getSeed()),
        inboxPrefix: inboxPrefix(user),
        reconnect: false,
      });
      connections.push(connection);
      const violations: Violation[] = [];
      void collectViolations(connection, violations);
      return { connection, violations };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(connections.map((connection) => connection.close()));
      await server.stop();
    },
  };
}

async function collectViolations(connection: NatsConnection, violations: Violation[]): Promise<void> {
  for await (const status of connection.status()) {
    if (String(status.type) !== String(Events.Error) || status.permissionContext === undefined) continue;
    const { operation, subject } = status.permissionContext;
    violations.push({ operation, subject });
  }
}
