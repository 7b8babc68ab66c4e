// The error of a call whose answer does not come any more: whether it was carried out is not known, unless the call only reads.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { BusUnreachableError } from './bus-unreachable.ts';

export class AnswerLost extends RockBotError {
  static override readonly kind = 'AnswerLost';
  /** What it is for a call that only reads, which the bus does not know: nothing has happened, and it may be made again. */
  readonly ofRead: BusUnreachableError;

  constructor({ message, action, ofRead }: { message: string; action: string; ofRead: BusUnreachableError }) {
    super({ code: 'outcome_unknown', message, action, cause: ofRead });
    this.name = 'AnswerLost';
    this.ofRead = ofRead;
  }
}

/** What a failed call means to who knows its tool; undefined for a tool that is not known, which may write. */
export function callFailure(error: unknown, sideEffects: 'read' | 'write' | undefined): unknown {
  return error instanceof AnswerLost && sideEffects === 'read' ? error.ofRead : error;
}
