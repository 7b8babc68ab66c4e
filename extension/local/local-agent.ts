// An agent with a bus of its own on this machine, for people without a cluster: one per data folder, owned by one process
// and used by others, closed to other users of the machine. It knows no vscode.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { BusCredentials } from '../bus/bus-credentials.ts';
import { findAgentProgram } from './agent-child.ts';
import { attachLocalAgent } from './attached-local-agent.ts';
import { busKey, mcpConfigPath } from './local-agent-files.ts';
import { readRunningRecord, type LocalAgentRecord } from './local-agent-record.ts';
import { OtherOwner, OwnedLocalAgent } from './owned-local-agent.ts';
import type { SupervisedAgentEvent } from './supervised-agent.ts';

export interface StartLocalAgentOptions {
  /** Folder of the built package's programs (dist). */
  programFolder: string;
  /** Kept over restarts: bus keys, the agent's volume, and how other windows find it. Made with mode 0700. */
  dataDir: string;
  tenantId: string;
  clientId: string;
  agentName: string;
  /** Of the bus. Without it the port of last time, or a free one when that is taken. */
  port?: number | undefined;
  /** Of this process; settings of the agent in it, such as `WorkIQ__Authority`, pass through. */
  env: NodeJS.ProcessEnv;
  onEvent?: ((event: LocalAgentEvent) => void) | undefined;
  /** Ends the start; a running agent is ended with `stop()`. */
  signal?: AbortSignal | undefined;
}

export type LocalAgentEvent =
  | SupervisedAgentEvent
  /** One sentence for a person: looking for or fetching nats-server takes time. */
  | { kind: 'nats_fetching'; message: string }
  | { kind: 'nats_ready'; url: string; pid: number | undefined }
  | { kind: 'nats_crashed' }
  | { kind: 'gave_up'; error: RockBotError }
  | { kind: 'stopped' };

export type LocalAgentEnd =
  /** A person's wish, here or in another window. */
  | { reason: 'stopped' }
  /** The process that owned it has ended or let go of it. */
  | { reason: 'released' }
  | { reason: 'gave_up'; error: RockBotError };

export interface LocalAgent {
  /** False when another process had started it: then it is used here, and ends with that one. */
  readonly isOwned: boolean;
  /** WebSocket address of the bus. */
  readonly url: string;
  /** Of the UI. The same after every restart, so that an agent that pinned their nkey as signer knows it again. */
  readonly credentials: BusCredentials;
  readonly agentName: string;
  /** Its mcp.json; there from the start. */
  readonly mcpConfigPath: string;
  /** When and why it is over; never rejects. */
  readonly exited: Promise<LocalAgentEnd>;
  /** Ends it for all windows, wherever it was started. May be called again. */
  stop(): Promise<void>;
  /** This process is done with it: ends it when it is owned here, else leaves it to its owner. */
  release(): Promise<void>;
}

/**
 * Resolves when the agent is ready; with the running one where another process started it already.
 * @throws RockBotError what it could not be started for, and what to do; nothing is left running then
 */
export async function startLocalAgent(options: StartLocalAgentOptions): Promise<LocalAgent> {
  const { dataDir, programFolder, signal } = options;
  signal?.throwIfAborted();
  const credentials = await busKey(dataDir, 'ui');
  const running = await readRunningRecord(dataDir);
  if (running !== undefined) return attach({ ...options, record: running, credentials });
  const program = findAgentProgram(programFolder);
  if (program === undefined) {
    throw new RockBotError({
      code: 'invalid_request',
      message: `The agent's program is not in ${programFolder}.`,
      action: 'Install the extension anew.',
    });
  }
  const agent = new OwnedLocalAgent({ ...options, credentials, program });
  try {
    await agent.start();
    return agent;
  } catch (error) {
    await agent.release();
    if (error instanceof OtherOwner) return attach({ ...options, record: error.record, credentials });
    throw signal?.aborted ? signal.reason : error;
  }
}

/** The one that runs in another process, or undefined. It starts nothing; release it when done. */
export async function findLocalAgent({ dataDir }: { dataDir: string }): Promise<LocalAgent | undefined> {
  const record = await readRunningRecord(dataDir);
  return record && attach({ dataDir, record, credentials: await busKey(dataDir, 'ui') });
}

/** In another process or in this one. Cheaper than finding it: nothing is left to release, and no key is read. */
export async function isLocalAgentRunning({ dataDir }: { dataDir: string }): Promise<boolean> {
  return (await readRunningRecord(dataDir)) !== undefined;
}

interface AttachOptions {
  dataDir: string;
  record: LocalAgentRecord;
  credentials: BusCredentials;
}

function attach({ dataDir, record, credentials }: AttachOptions): LocalAgent {
  return attachLocalAgent({ dataDir, record, credentials, mcpConfigPath: mcpConfigPath(dataDir) });
}
