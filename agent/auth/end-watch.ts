// Follows when the present sign-in will end and tells of each change, also of one that only time brings. It knows no MSAL.
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../shared/clock.ts';
import type { ExpectedEnd } from '../../shared/contract/auth-state.ts';
import { expectedEnd, type SignInFacts } from './expected-end.ts';

export interface EndWatchOptions {
  clock: Clock;
  closing: AbortSignal;
  onEnd: (end: ExpectedEnd | undefined) => void;
}

export class EndWatch {
  readonly #options: EndWatchOptions;
  #facts: SignInFacts | undefined;
  #told: ExpectedEnd | undefined;
  /** Ends the wait for the next change. */
  #waiting: AbortController | undefined;

  constructor(options: EndWatchOptions) {
    this.#options = options;
  }

  /** `facts`: undefined while there is no sign-in that could end. */
  follow(facts: SignInFacts | undefined): void {
    if (isDeepStrictEqual(facts, this.#facts)) return;
    this.#facts = facts;
    this.#look();
  }

  #look(): void {
    const { clock, closing, onEnd } = this.#options;
    this.#waiting?.abort();
    this.#waiting = undefined;
    const now = clock.now();
    const { end, changesAt } = this.#facts === undefined ? {} : expectedEnd(this.#facts, now);
    if (changesAt !== undefined && !closing.aborted) {
      const waiting = new AbortController();
      this.#waiting = waiting;
      clock.sleep(changesAt - now, AbortSignal.any([waiting.signal, closing])).then(
        () => {
          this.#look();
        },
        () => undefined,
      );
    }
    if (isDeepStrictEqual(end, this.#told)) return;
    this.#told = end;
    onEnd(end);
  }
}
