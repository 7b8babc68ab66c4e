// Starts a real nats-server for one test; it finds or fetches the program once per process.
import { findNatsServer, type NatsServerProgram } from '../../extension/local/find-nats-server.ts';
import {
  startNatsServer,
  type NatsServerProcess,
  type StartNatsServerOptions,
} from '../../extension/local/nats-server-process.ts';

export type TestNatsOptions = Omit<StartNatsServerOptions, 'binary'>;

let program: Promise<NatsServerProgram> | undefined;

/** Where the nats-server for tests is; the first call on a machine may fetch it. */
export function testNatsProgram(): Promise<NatsServerProgram> {
  program ??= findNatsServer({ onProgress: (message) => console.error(message) });
  return program;
}

/**
 * A running server on free loopback ports, without users unless given. End it with `await using` or `stop()`; it ends
 * with the test process in any case.
 */
export async function startTestNats(options: TestNatsOptions = {}): Promise<NatsServerProcess> {
  return startNatsServer({ binary: (await testNatsProgram()).path, ...options });
}
