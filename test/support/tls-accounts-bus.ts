// A bus as a company runs it: nats-server with the shipped example of accounts over TLS, with a certificate of its own CA, and accounts that
// its operator edits. It knows no agent.
import { createUser } from '@nats-io/nkeys';
import { chmod, copyFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startContainer } from './container.ts';
import { createCertificate } from './entra/certificate.ts';
import { freePort } from './free-port.ts';
import { testNatsProgram } from './nats.ts';
import { giveToContainers } from './pod-folder.ts';
import { until } from './until.ts';

const users = ['AGENT', 'UI_ALICE', 'UI_BOB', 'UI_VIEWER', 'MONITOR', 'SYS'] as const;
export type TlsBusUser = (typeof users)[number];

export interface BusKeys {
  seed: string;
  publicKey: string;
}

export interface TlsAccountsBus extends AsyncDisposable {
  /** `wss://localhost:…`, the same for its whole life. */
  readonly url: string;
  /** PEM of who vouches for it. */
  readonly ca: string;
  /** PEM. */
  readonly privateKey: string;
  keys(user: TlsBusUser): BusKeys;
  /** Changes accounts.conf and has the server take it up, as `nats-server --signal reload` does. */
  edit(change: (accounts: string) => string): Promise<void>;
  /** Its log, with every message that passed. */
  output(): string;
}

export interface TlsAccountsBusOptions {
  /** `deploy/nats`, of whatever package. */
  example: string;
  /** Of its own, which users of containers can look into. */
  folder: string;
}

export async function startTlsAccountsBus({ example, folder }: TlsAccountsBusOptions): Promise<TlsAccountsBus> {
  const config = join(folder, 'nats');
  await cp(example, config, { recursive: true });
  const port = await freePort();
  const listener = join(config, 'listener.conf');
  // This machine may have another NATS, and nobody else is to reach this one.
  const shipped = await readFile(listener, 'utf8');
  const own = shipped
    .replace('port: 4222', 'port: -1')
    .replace('port: 4223', `port: ${port}`)
    .replace('0.0.0.0', '127.0.0.1');
  await writeFile(listener, own);
  const certificate = await createCertificate('Bus test CA');
  const [certFile, keyFile, program] = [join(folder, 'tls.crt'), join(folder, 'tls.key'), join(folder, 'nats-server')];
  await writeFile(certFile, certificate.cert);
  await writeFile(keyFile, certificate.key, { mode: 0o600 });
  await giveToContainers(keyFile);
  await copyFile((await testNatsProgram()).path, program);
  await chmod(program, 0o755);

  const keys = new Map(users.map((user) => [user, newUser()]));
  const userOf = (name: TlsBusUser): BusKeys => {
    const found = keys.get(name);
    if (found === undefined) throw new Error(`There is no key of ${name}.`);
    return found;
  };
  const server = startContainer({
    command: [program, '-DV', '--config', join(config, 'nats-server.conf')],
    env: {
      ...Object.fromEntries(
        users.flatMap((user) => [
          [`ROCKBOT_${user}_NKEY`, userOf(user).publicKey],
          [`ROCKBOT_${user}_INBOX`, `_INBOX_${userOf(user).publicKey}.>`],
        ]),
      ),
      ROCKBOT_BUS_CERT: certFile,
      ROCKBOT_BUS_KEY: keyFile,
    },
    timeoutMs: 600_000,
  });
  const logged = (words: string, times: number): Promise<true> =>
    until(
      () => `nats-server to say "${words}":\n${server.output().slice(-4_000)}`,
      () => server.output().split(words).length > times,
      { timeoutMs: 30_000 },
    );
  try {
    await logged('Server is ready', 1);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  let reloads = 0;
  return {
    url: `wss://localhost:${port}`,
    ca: certificate.ca,
    privateKey: certificate.key,
    keys: userOf,
    async edit(change) {
      const file = join(config, 'accounts.conf');
      const before = await readFile(file, 'utf8');
      const changed = change(before);
      if (changed === before) throw new Error('Nothing was changed: accounts.conf is not as expected.');
      await writeFile(file, changed);
      server.kill('SIGHUP');
      await logged('Reloaded server configuration', (reloads += 1));
    },
    output: server.output,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A fresh key pair of a user. */
export function newUser(): BusKeys {
  const pair = createUser();
  return { seed: new TextDecoder().decode(pair.getSeed()), publicKey: pair.getPublicKey() };
}
