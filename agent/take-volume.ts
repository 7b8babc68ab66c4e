// The agent's volume at the start: its folder, the lock on it, and the watch over whether it can be written to.
import { join } from 'node:path';
import type { AgentConfig } from './config/agent-config.ts';
import { keptText, type KeptText } from './files/kept-text.ts';
import { makeFolder } from './files/private-folder.ts';
import { acquireVolumeLock } from './files/volume-lock.ts';
import { watchVolume } from './files/volume-watch.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { operatorProblem } from './operator-problem.ts';
import type { Teardown } from './teardown.ts';

export interface Volume {
  /** Aborts when another process has taken the volume, which must end this one. */
  lost: AbortSignal;
  /** A small file that outlives a restart. `delayMs`: for which changes are collected. */
  keep(name: string, options?: { folder?: string; delayMs?: number }): KeptText;
}

const lockName = 'agent.lock';

/** Throws VolumeInUseError, ConfigError or a file system error. */
export async function takeVolume({
  config: { dataDir },
  metrics,
  logger,
  teardown,
}: {
  config: Pick<AgentConfig, 'dataDir'>;
  metrics: Pick<Metrics, 'volumeWritable'>;
  logger: Logger;
  teardown: Teardown;
}): Promise<Volume> {
  await makeFolder(dataDir).catch((error: unknown) => {
    throw operatorProblem(`Agent__DataDir is "${dataDir}", which cannot be made`, error);
  });
  const lock = await acquireVolumeLock(join(dataDir, lockName));
  teardown.add('the lock of the volume', () => lock.release());
  const watch = watchVolume({
    folder: dataDir,
    mark: lockName,
    onChange: (problem) => {
      metrics.volumeWritable(problem === undefined);
      if (problem === undefined) logger.info('The volume can be written to again.', { dataDir });
      else
        logger.error(
          `Agent__DataDir is "${dataDir}"${problem}. The agent works on from memory; what changes now would be lost with a restart, and no sign-in can be taken over. Make the volume writable and free some space on it.`,
        );
    },
  });
  teardown.add('the watch over the volume', () => {
    watch.close();
  });
  return {
    lost: lock.lost,
    keep: (name, { folder = dataDir, delayMs } = {}) =>
      keptText({
        path: join(folder, name),
        onProblem: (error) => {
          logger.error('A file of the volume cannot be used; what it keeps is in memory only until a restart.', {
            file: name,
            error,
          });
        },
        ...(delayMs !== undefined && { delayMs }),
      }),
  };
}
