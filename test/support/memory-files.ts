// The folder of patrols in memory, as a volume that outlives processes, with processes that die at any write.
import type { PatrolFiles } from '../../agent/patrols/patrol-files.ts';

export type MemoryVolume = Map<string, string>;

/** What a process does after its death never ends. */
export interface Life {
  isDead: boolean;
}

const never = new Promise<never>(() => undefined);

export interface MemoryFilesOptions {
  volume: MemoryVolume;
  life?: Life;
  /** Before each change of the volume: `dies` before or after it came about. */
  onChange?: () => 'goesOn' | 'diesBefore' | 'diesAfter';
  /** An error of the file system that every write gets. */
  failure?: () => Error | undefined;
}

export function memoryFiles({
  volume,
  life = { isDead: false },
  onChange = () => 'goesOn',
  failure,
}: MemoryFilesOptions): PatrolFiles {
  const read = async <T>(task: () => T): Promise<T> => (life.isDead ? never : task());
  const change = async (task: () => void): Promise<void> => {
    if (life.isDead) return never;
    const error = failure?.();
    if (error !== undefined) throw error;
    const fate = onChange();
    if (fate !== 'diesBefore') task();
    if (fate === 'goesOn') return;
    life.isDead = true;
    return never;
  };
  return {
    list: () => read(() => [...volume].map(([name, content]) => ({ name, bytes: content.length }))),
    read: (name) => read(() => volume.get(name)),
    readLine: (name) => read(() => volume.get(name)?.split('\n', 1)[0]),
    write: (name, content) => change(() => void volume.set(name, content)),
    remove: (name) => change(() => void volume.delete(name)),
    setAside: (name) =>
      change(() => {
        volume.set(`${name}.unusable`, volume.get(name) ?? '');
        volume.delete(name);
      }),
  };
}
