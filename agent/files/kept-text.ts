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
  /** Hears of a file that cannot be read, and of one that cannot be written, once until it can be again. */
  onProblem: (error: unknown) => void;
  /** Milliseconds for which changes are collected: what a crash can lose. */
  delayMs?: number;
  /** Milliseconds after which a write that failed is tried again, when no change comes before. */
  retryMs?: number;
}

/** Never throws and never rejects: what goes wrong is told to `onProblem`. */
export function keptText({ path, onProblem, delayMs = 500, retryMs = 10_000 }: KeptTextOptions): KeptText {
  const queue = new SerialQueue();
  let waiting: { text: () => string; timer: ReturnType<typeof setTimeout> } | undefined;
  let isFailing = false;
  let isClosed = false;
  const wait = (text: () => string, ms: number): void => {
    waiting = { text, timer: waiting?.timer ?? setTimeout(() => void save(), ms) };
  };
  const write = async (text: () => string): Promise<void> => {
    try {
      await writeFileAtomic(path, text());
      isFailing = false;
    } catch (error) {
      if (!isFailing) onProblem(error);
      isFailing = true;
      if (!isClosed && waiting === undefined) wait(text, retryMs);
    }
  };
  const save = (): Promise<void> => {
    const text = waiting?.text;
    clearTimeout(waiting?.timer);
    waiting = undefined;
    return queue.run(async () => {
      if (text !== undefined) await write(text);
    });
  };
  return {
    load: () =>
      readIfThere(path).catch((error: unknown) => {
        onProblem(error);
        return undefined;
      }),
    saveSoon(text) {
      wait(text, isFailing ? retryMs : delayMs);
    },
    close() {
      isClosed = true;
      return save();
    },
  };
}
