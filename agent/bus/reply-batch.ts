// Lets the small replies of one turn of the event loop leave in one write: every write wakes the server, which costs more than all
// that the agent does for a small call. Large ones are not held back.

/** Bytes up to which a reply waits for others. */
const smallBytes = 16 * 1024;

export class ReplyBatch {
  #waiting: (() => void)[] = [];

  /** `send` must not throw. */
  add(bytes: number, send: () => void): void {
    if (bytes > smallBytes) {
      send();
      return;
    }
    if (this.#waiting.push(send) === 1)
      setImmediate(() => {
        this.sendWaiting();
      });
  }

  /** Those that wait, now. */
  sendWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const send of waiting) send();
  }
}
