// What most windows never need: loaded and made the first time that somebody asks for it, and one for all who ask.
import type { Disposable } from 'vscode';

export interface OnDemand<Part> extends Disposable {
  get(): Promise<Part>;
  /** Undefined before somebody asked for it. */
  readonly made: Part | undefined;
}

export function onDemand<Part extends object>(make: () => Promise<Part>): OnDemand<Part> {
  let making: Promise<Part> | undefined;
  let made: Part | undefined;
  return {
    get: () => (making ??= make().then((part) => (made = part))),
    get made() {
      return made;
    },
    dispose: () => {
      if (made !== undefined && 'dispose' in made && typeof made.dispose === 'function') made.dispose();
    },
  };
}
