// Everything a command is given; it holds no behaviour.
import type { Bus } from '../bus.ts';
import type { BusCredentials } from '../bus/bus-credentials.ts';
import type { Output } from './output.ts';
import type { CliSettings } from './settings.ts';

export interface CliContext {
  settings: CliSettings;
  output: Output;
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  stdin: NodeJS.ReadStream;
  /** Aborted by Ctrl-C, SIGTERM, SIGHUP, or when nobody reads stdout any more. */
  signal: AbortSignal;
  /** Path of the program that runs, to find what stands beside it. */
  programPath: string;
  /** Connects on the first call; `main` closes it. */
  bus(): Promise<Bus>;
  /** Undefined without a file of credentials. */
  credentials(): Promise<BusCredentials | undefined>;
}

/** Milliseconds for one request, unless --timeout says otherwise. */
export const requestTimeoutMs = 10_000;
