// Which version a save replaces. VS Code looks at the file, compares it with what its editor began with, and writes: the version of
// that look is the one to replace. Where looks of the same moment saw different ones, nobody can say which it was. Pure.

/** Milliseconds between VS Code's look and its write, and far more. */
const momentMs = 1_000;
const maxKept = 50;

export class GivenVersions {
  readonly #now: () => number;
  #given: { version: string | undefined; at: number }[] = [];
  #last: { version: string | undefined } | undefined;
  #why: string | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The file was looked at; `undefined` when there is none. */
  give(version: string | undefined): void {
    const now = this.#now();
    this.#given = [...this.#given.filter(({ at }) => now - at < momentMs), { version, at: now }].slice(-maxKept);
    this.#last = { version };
    this.#why = undefined;
  }

  /** A look failed: what is known from before is not what an editor was compared with. */
  fail(why?: string): void {
    this.#last = undefined;
    this.#given = [];
    this.#why = why;
  }

  /** Of the last look, when it failed. */
  get why(): string | undefined {
    return this.#why;
  }

  /** Undefined when it cannot be said. */
  toReplace(): { version: string | undefined } | undefined {
    const now = this.#now();
    const recent = this.#given.filter(({ at }) => now - at < momentMs);
    return recent.every(({ version }) => version === this.#last?.version) ? this.#last : undefined;
  }
}
