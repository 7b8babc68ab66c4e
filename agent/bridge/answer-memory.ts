// How much memory the answers of all servers may take together, from their first bytes until the bus has sent them: what does
// not fit waits for its turn. It counts and knows no HTTP.

export interface AnswerMemoryOptions {
  /** Bytes of memory that answers take in all. */
  limitBytes?: number;
  /** Of these, what only the oldest answer that is being received may use: twice the largest answer. */
  reserveBytes?: number;
}

export interface AnswerRoomOptions {
  /** One server gets no more than half of what is for all. */
  server: string;
  onWait?: (() => void) | undefined;
  /** It waits no longer. */
  onGoOn?: (() => void) | undefined;
}

/** The room of one answer. */
export interface AnswerRoom {
  /**
   * Makes room for so many bytes of the answer in all. Undefined when it is there; otherwise a promise that resolves when it is, or
   * when the room was released.
   */
  reserve(answerBytes: number): Promise<void> | undefined;
  /** Nothing more is received; of this size is what is held from now on. */
  settle(resultBytes: number): void;
  /** Idempotent. */
  release(): void;
}

/** Small answers are let through whatever goes on. */
const freeBytes = 64 * 1024;
/** An answer is there as it came and as what is made of it: text, parsed JSON, the reply on its way over the bus. */
const copies = 2;
const defaults = { limitBytes: 256 * 1024 * 1024, reserveBytes: 128 * 1024 * 1024 };

/**
 * First come, first served, with no way to lock up: the oldest answer that is being received may use the reserve, so that it waits
 * only for answers that are complete, and those wait for nothing in here. When it is complete, the next one is the oldest.
 */
export class AnswerMemory {
  readonly #limitBytes: number;
  readonly #reserveBytes: number;
  /** Those with room or in want of it that are still being received, the oldest first. */
  readonly #receiving = new Set<Room>();
  readonly #heldByServer = new Map<string, number>();
  #heldBytes = 0;

  constructor({ limitBytes, reserveBytes }: AnswerMemoryOptions = {}) {
    this.#limitBytes = limitBytes ?? defaults.limitBytes;
    this.#reserveBytes = reserveBytes ?? defaults.reserveBytes;
  }

  /** Bytes of memory that answers are counted with now. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  open({ server, onWait, onGoOn }: AnswerRoomOptions): AnswerRoom {
    const room: Room = { server, held: 0, wanted: undefined, isReleased: false };
    return {
      reserve: (answerBytes) => {
        const wanted = Math.min(memoryFor(answerBytes), this.#reserveBytes);
        if (room.isReleased || wanted <= room.held) return undefined;
        this.#receiving.add(room);
        // Asked for before, in vain: the larger of the two answers for both.
        const earlier = room.wanted;
        if (this.#mayHold(room, wanted)) {
          room.wanted = undefined;
          this.#hold(room, wanted);
          earlier?.resolve();
          return undefined;
        }
        onWait?.();
        return new Promise<void>((resolve) => {
          const bytes = Math.max(wanted, earlier?.bytes ?? 0);
          room.wanted = {
            bytes,
            resolve: () => {
              earlier?.resolve();
              resolve();
            },
          };
        }).then(onGoOn);
      },
      settle: (resultBytes) => {
        if (room.isReleased) return;
        this.#leave(room, memoryFor(resultBytes));
      },
      release: () => {
        room.isReleased = true;
        this.#leave(room, 0);
      },
    };
  }

  #mayHold(room: Room, bytes: number): boolean {
    const more = bytes - room.held;
    const [oldest] = this.#receiving;
    if (room === oldest) return this.#heldBytes + more <= this.#limitBytes;
    const forAll = this.#limitBytes - this.#reserveBytes;
    const ofServer = this.#heldByServer.get(room.server) ?? 0;
    return this.#heldBytes + more <= forAll && ofServer + more <= forAll / 2;
  }

  #hold(room: Room, bytes: number): void {
    const more = bytes - room.held;
    room.held = bytes;
    this.#heldBytes += more;
    const ofServer = (this.#heldByServer.get(room.server) ?? 0) + more;
    if (ofServer === 0) this.#heldByServer.delete(room.server);
    else this.#heldByServer.set(room.server, ofServer);
  }

  #leave(room: Room, bytes: number): void {
    this.#receiving.delete(room);
    room.wanted?.resolve();
    room.wanted = undefined;
    this.#hold(room, bytes);
    // A younger one that needs little may go before an older one that needs much: that one is the oldest some day.
    for (const other of this.#receiving) {
      const { wanted } = other;
      if (wanted === undefined || !this.#mayHold(other, wanted.bytes)) continue;
      other.wanted = undefined;
      this.#hold(other, wanted.bytes);
      wanted.resolve();
    }
  }
}

interface Room {
  readonly server: string;
  /** Bytes of memory. */
  held: number;
  /** What it waits for. */
  wanted: { bytes: number; resolve: () => void } | undefined;
  isReleased: boolean;
}

function memoryFor(answerBytes: number): number {
  return answerBytes <= freeBytes ? 0 : answerBytes * copies;
}
