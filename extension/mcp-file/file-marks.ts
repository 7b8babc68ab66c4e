// Time and size by which VS Code tells whether a file is still the one it knows; the agent's file has a version in place of them.
// VS Code compares the time first and then the size, so both have to differ whenever the version does: a file that changed to
// another of the same length would else be overwritten without a word. Pure, but for the clock it is given.

export interface FileMark {
  /** Milliseconds since the epoch. */
  mtime: number;
  /** Bytes, and a little that comes of the version. */
  size: number;
}

/** Sizes of two versions are equal by chance once in so many. */
const spread = 1_000_003;

export class FileMarks {
  readonly #now: () => number;
  #version: string | undefined;
  #mtime = 0;
  #touched = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Of the version that the file has now. */
  mark({ version, bytes }: { version: string; bytes: number }): FileMark {
    if (version !== this.#version) {
      this.#version = version;
      this.#touched = 0;
      this.#mtime = Math.max(this.#now(), this.#mtime + 1);
    }
    return { mtime: this.#mtime, size: bytes + scatter(`${version} ${this.#touched}`) };
  }

  /** What VS Code has of this version is not the text of it: it is to be read again. */
  touch(): void {
    this.#touched++;
    this.#mtime = Math.max(this.#now(), this.#mtime + 1);
  }
}

/** FNV-1a. */
function scatter(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash % spread;
}
