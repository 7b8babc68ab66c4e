// Waits until a nats-server's WebSocket listener really answers, and proves that the answer is that server's.
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import * as z from 'zod';
import { systemClock } from '../../shared/clock.ts';

const portsSchema = z.object({ nats: z.array(z.string()).min(1), websocket: z.array(z.string()).min(1) });

export interface NatsServerAddresses {
  /** `ws://127.0.0.1:port` */
  url: string;
  /** `nats://127.0.0.1:port` */
  natsUrl: string;
}

export interface WaitOptions {
  /** Where the server writes its ports once all listeners are open (`ports_file_dir`). */
  directory: string;
  /** The server's name as given to it; another server on the same port has another. */
  serverName: string;
  /** Ends the waiting, with its reason. */
  signal: AbortSignal;
}

export async function waitForNatsServer({ directory, serverName, signal }: WaitOptions): Promise<NatsServerAddresses> {
  for (;;) {
    signal.throwIfAborted();
    const addresses = await readPorts(directory);
    if (addresses !== undefined && (await answers(addresses.url, serverName, signal))) return addresses;
    await systemClock.sleep(5, signal);
  }
}

async function readPorts(directory: string): Promise<NatsServerAddresses | undefined> {
  const file = (await readdir(directory).catch(() => [])).find((name) => name.endsWith('.ports'));
  if (file === undefined) return undefined;
  try {
    const { nats, websocket } = portsSchema.parse(JSON.parse(await readFile(join(directory, file), 'utf8')));
    return { natsUrl: nats[0] ?? '', url: websocket[0] ?? '' };
  } catch {
    return undefined; // Being written.
  }
}

/** A plain upgrade request: unlike the global WebSocket it is there in every Node, and shows the server's first frame. */
function answers(url: string, serverName: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const upgrade = request(url.replace(/^ws/, 'http'), {
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      },
      timeout: 2_000,
      signal,
    });
    let upgraded = false;
    upgrade.on('upgrade', (_response, socket, head) => {
      upgraded = true;
      let received = '';
      const settle = (answer: boolean): void => {
        socket.destroy();
        resolve(answer);
      };
      const look = (chunk: Buffer): void => {
        received += chunk.toString('latin1');
        if (received.includes(JSON.stringify(serverName))) settle(true);
        else if (received.length > 1 << 16) settle(false);
      };
      socket.setTimeout(2_000, () => settle(false));
      socket
        .on('data', look)
        .on('error', () => settle(false))
        .on('close', () => settle(false));
      look(head);
    });
    upgrade.on('response', () => upgrade.destroy());
    upgrade.on('timeout', () => upgrade.destroy());
    upgrade.on('error', () => resolve(false));
    upgrade.on('close', () => {
      if (!upgraded) resolve(false);
    });
    upgrade.end();
  });
}
