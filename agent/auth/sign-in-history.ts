// Remembers on the volume how sign-ins of the account ended, as far as that tells when the next one will; it holds no secret.
import * as z from 'zod';
import type { KeptText } from '../files/kept-text.ts';
import { isDisproved, learntPeriodMs, type EndedSignIn } from './sign-in-frequency.ts';

const fileSchema = z.object({
  /** Entra object id. */
  accountId: z.string(),
  /** Oldest first. */
  ended: z
    .array(
      z.object({
        statedMs: z.number().positive().optional(),
        goodAfterMs: z.number().nonnegative(),
        refusedAfterMs: z.number().nonnegative(),
      }),
    )
    .max(100),
});

type History = z.infer<typeof fileSchema>;

const maxEnded = 8;

export class SignInHistory {
  readonly #kept: Pick<KeptText, 'saveSoon' | 'close'>;
  #history: History | undefined;

  private constructor(kept: Pick<KeptText, 'saveSoon' | 'close'>, history: History | undefined) {
    this.#kept = kept;
    this.#history = history;
  }

  /** A file that makes no sense is told of and counts as none: what it held is learnt again. */
  static async open(kept: KeptText, onProblem: (error: unknown) => void): Promise<SignInHistory> {
    const text = await kept.load();
    if (text === undefined) return new SignInHistory(kept, undefined);
    try {
      return new SignInHistory(kept, fileSchema.parse(JSON.parse(text)));
    } catch (error) {
      onProblem(error);
      return new SignInHistory(kept, undefined);
    }
  }

  /** Milliseconds after which the tenant asks this account for another sign-in, once that is known. */
  periodMs(accountId: string): number | undefined {
    return this.#history?.accountId === accountId ? learntPeriodMs(this.#history.ended) : undefined;
  }

  /** A sign-in of the account ended because of the tenant's sign-in frequency. */
  ended(accountId: string, end: EndedSignIn): void {
    const before = this.#history?.accountId === accountId ? this.#history.ended : [];
    const kept = { ...end, goodAfterMs: Math.max(0, end.goodAfterMs), refusedAfterMs: Math.max(0, end.refusedAfterMs) };
    this.#set({ accountId, ended: [...before, kept].slice(-maxEnded) });
  }

  /** A sign-in of the account is still good so many milliseconds after it was made. */
  stillGood(accountId: string, afterMs: number): void {
    const known = this.periodMs(accountId);
    if (known !== undefined && isDisproved(known, afterMs)) this.#set({ accountId, ended: [] });
  }

  close(): Promise<void> {
    return this.#kept.close();
  }

  #set(history: History): void {
    this.#history = history;
    this.#kept.saveSoon(() => `${JSON.stringify(history)}\n`);
  }
}
