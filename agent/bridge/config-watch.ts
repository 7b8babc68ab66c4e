// Follows mcp.json: file events where they come, polling behind them, since network volumes and ConfigMaps send none.
import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readIfThere } from '../files/read-if-there.ts';

export interface ConfigWatchOptions {
  path: string;
  /** Called with the text at the start and after each change; undefined when there is no file, and was none. */
  onText: (text: string | undefined) => void;
  /**
   * Called when the file is there but cannot be read, with `EFBIG` when it has more than 4 million characters, and with `ENOENT`
   * when it was there and is gone: nobody has said that there shall be nothing.
   */
  onUnreadable: (code: string) => void;
  /** Milliseconds. */
  pollIntervalMs?: number;
}

export interface ConfigWatch {
  /** Looks now; what stood in the file when it was called has been told when it resolves. */
  check(): Promise<void>;
  close(): void;
}

/** Milliseconds for which an editor that saves in steps may leave the file empty or absent. */
const savingMs = 150;
/** Characters; what people write has a thousandth of it. */
const maxLength = 4_000_000;

export async function watchConfig({
  path,
  onText,
  onUnreadable,
  pollIntervalMs = 2_000,
}: ConfigWatchOptions): Promise<ConfigWatch> {
  let last: string | undefined | null = null;
  let lastCode: string | undefined;
  let looking: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let closed = false;
  async function look(): Promise<void> {
    try {
      let text = await readIfThere(path);
      if (isBlank(text) && !isBlank(last ?? undefined)) {
        await sleep(savingMs);
        text = await readIfThere(path);
      }
      if (text === undefined && typeof last === 'string') {
        unreadable('ENOENT');
        return;
      }
      if (text !== undefined && text.length > maxLength) {
        unreadable('EFBIG');
        return;
      }
      const wasUnreadable = lastCode !== undefined;
      lastCode = undefined;
      if (closed || (text === last && !wasUnreadable)) return;
      last = text;
      onText(text);
    } catch (error) {
      unreadable((error as NodeJS.ErrnoException).code ?? 'unknown');
    }
  }
  function unreadable(code: string): void {
    if (code !== lastCode && !closed) onUnreadable(code);
    lastCode = code;
  }
  function check(): Promise<void> {
    if (looking === undefined) {
      looking = look().finally(() => {
        looking = undefined;
      });
      return looking;
    }
    // The look under way may have read the file already.
    next ??= looking.then(() => {
      next = undefined;
      return check();
    });
    return next;
  }
  await check();
  const timer = setInterval(() => void check(), pollIntervalMs);
  const watcher = watchFolder(path, () => void check());
  return {
    check,
    close() {
      closed = true;
      clearInterval(timer);
      watcher?.close();
    },
  };
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}

/** The folder is watched, because editors replace the file; undefined where watching is not possible. */
function watchFolder(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    const name = basename(path);
    const watcher = watch(dirname(path), { persistent: false }, (_event, changed) => {
      // A short wait lets an editor that writes in two steps finish.
      if (changed === null || changed === name) setTimeout(onChange, 50).unref();
    });
    watcher.on('error', () => {
      watcher.close();
    });
    return watcher;
  } catch {
    return undefined;
  }
}
