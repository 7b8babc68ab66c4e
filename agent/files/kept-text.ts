// A small file that keeps what the agent would else forget over a restart: written soon after a change, atomically, in order.
import { SerialQueue } from '../../shared/serial-queue.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { readIfThere } from './read-if-there.ts';

export interface KeptText {
  /** What was kept last; undefined when there is nothing, or when it cannot be read, which is told. */
  load(): Promise<string | undefined>;
  /** Writes what `text` gives then, once for all changes until then. */
  saveSoon(text: () => string): void;
  /** Writes what waits. */
  close(): Promise<void>;
}

export interface KeptTextOptions {
  path: string;
  /** Hears of a file that cannot be read or written. */
  onProblem: (error: unknown) => void;
  /** Milliseconds for which changes are collected: what a crash can lose. */
  delayMs?: number;
}

export function keptText({ path, onProblem, delayMs = 500 }: KeptTextOptions): KeptText {
  const queue = new SerialQueue();
  let waiting: { text: () => string; timer: ReturnType<typeof setTimeout> } | undefined;
  const save = (): Promise<void> => {
    const text = waiting?.text;
    clearTimeout(waiting?.timer);
    waiting = undefined;
    return queue.run(async () => {
      if (text !== undefined) await writeFileAtomic(path, text()).catch(onProblem);
    });
  };
  return {
    load: () =>
      readIfThere(path).catch((error: unknown) => {
        onProblem(error);
        return undefined;
      }),
    saveSoon(text) {
      waiting = { text, timer: waiting?.timer ?? setTimeout(() => void save(), delayMs) };
    },
    close: save,
  };
}
