// A local agent that another process owns, as it is used here: followed until its owner is gone.
import { systemClock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { BusCredentials } from '../bus/bus-credentials.ts';
import type { LocalAgent, LocalAgentEnd } from './local-agent.ts';
import {
  askToStop,
  readRecord,
  readRunningRecord,
  renewIntervalMs,
  type LocalAgentRecord,
} from './local-agent-record.ts';

export interface AttachLocalAgentOptions {
  dataDir: string;
  record: LocalAgentRecord;
  credentials: BusCredentials;
  mcpConfigPath: string;
}

/** Milliseconds in which the owner hears that it shall stop and does. */
const stopTimeoutMs = 25_000;

export function attachLocalAgent(options: AttachLocalAgentOptions): LocalAgent {
  const { dataDir, record, credentials, mcpConfigPath } = options;
  const { id, url, agentName } = record;
  const leaving = new AbortController();
  const exited = untilGone({ dataDir, id, signal: leaving.signal });
  return {
    isOwned: false,
    url,
    credentials,
    agentName,
    mcpConfigPath,
    exited,
    async stop() {
      await askToStop(dataDir, id);
      const timeout = new AbortController();
      const late = systemClock.sleep(stopTimeoutMs, timeout.signal).then(() => {
        throw new RockBotError({
          code: 'timeout',
          message: 'The window that runs the local agent did not stop it.',
          action: 'Close that window, or stop the local agent there.',
        });
      });
      await Promise.race([exited, late]).finally(() => timeout.abort());
    },
    async release() {
      leaving.abort();
      await exited;
    },
  };
}

async function untilGone({
  dataDir,
  id,
  signal,
}: {
  dataDir: string;
  id: string;
  signal: AbortSignal;
}): Promise<LocalAgentEnd> {
  while (!signal.aborted) {
    const running = await readRunningRecord(dataDir);
    if (running?.id !== id) {
      const last = await readRecord(dataDir);
      return { reason: last?.id === id && last.ended === 'stopped' ? 'stopped' : 'released' };
    }
    await systemClock.sleep(renewIntervalMs, signal).catch(() => undefined);
  }
  return { reason: 'released' };
}
