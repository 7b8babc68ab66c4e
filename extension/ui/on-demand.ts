// What most windows never need: loaded and made the first time that somebody asks for it, and one for all who ask.
import type { Disposable } from 'vscode';

export interface OnDemand<Part> extends Disposable {
  /**
   * Makes it where nobody has, and acts on it. What cannot be made is told instead, and the next use tries again; after the end
   * nothing happens any more. Rejects with what `act` rejects with.
   */
  use(act: (part: Part) => unknown): Promise<void>;
  /** Undefined before it was used. */
  readonly made: Part | undefined;
}

export function onDemand<Part extends object>(
  make: () => Promise<Part>,
  tellNotMade: (error: unknown) => void,
): OnDemand<Part> {
  let making: Promise<Part | undefined> | undefined;
  let made: Part | undefined;
  let isDisposed = false;

  async function start(): Promise<Part | undefined> {
    try {
      const part = await make();
      // It ended while it was loaded: nobody else would end this one.
      if (isDisposed) end(part);
      else made = part;
    } catch (error) {
      if (!isDisposed) tellNotMade(error);
      making = undefined;
    }
    return made;
  }

  return {
    use: async (act) => {
      if (isDisposed) return;
      const part = await (making ??= start());
      if (part !== undefined && !isDisposed) await act(part);
    },
    get made() {
      return made;
    },
    dispose: () => {
      isDisposed = true;
      if (made !== undefined) end(made);
    },
  };
}

function end(part: object): void {
  if ('dispose' in part && typeof part.dispose === 'function') part.dispose();
}
