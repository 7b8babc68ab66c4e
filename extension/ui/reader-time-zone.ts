// The time zone of the reader's screen: pages tell it, since an extension may run on a machine elsewhere. Until one has, it is
// that of the last time, or of this machine.
import { EventEmitter, type Disposable, type Event, type Memento } from 'vscode';

export interface ReaderTimeZone extends Disposable {
  /** IANA name. */
  current(): string;
  /** What a page says; anything that is no time zone is left aside. */
  learn(timeZone: string): void;
  readonly onDidChange: Event<string>;
}

const memoryKey = 'rockbot.readerTimeZone';

export function createReaderTimeZone(memory: Pick<Memento, 'get' | 'update'>): ReaderTimeZone {
  const changed = new EventEmitter<string>();
  let known: string | undefined;
  return {
    // Not before somebody asks: the first use of a time zone takes its time, which activation has not.
    current: () => (known ??= firstOf(memory)),
    learn(timeZone) {
      if (timeZone === known || !isTimeZone(timeZone)) return;
      known = timeZone;
      void memory.update(memoryKey, timeZone);
      changed.fire(timeZone);
    },
    onDidChange: changed.event,
    dispose: () => changed.dispose(),
  };
}

function firstOf(memory: Pick<Memento, 'get'>): string {
  const kept: unknown = memory.get(memoryKey);
  return isTimeZone(kept) ? kept : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function isTimeZone(name: unknown): name is string {
  if (typeof name !== 'string') return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
