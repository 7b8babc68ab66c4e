// What drawing needs to know of the terminal and its user; passed to every renderer, so that tests can fix all of it.
import type pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

export interface View {
  /** Cells per line. */
  width: number;
  colors: Colors;
  /** IANA name of the reader's time zone. */
  timeZone: string;
  /** Milliseconds since the epoch. */
  now: number;
}
