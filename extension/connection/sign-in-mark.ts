// Remembers in the window that a sign-in runs, so that the window that comes after a reload can say that it was interrupted: when it
// began and which way, never a secret. It knows no vscode.
import * as z from 'zod';
import type { RunningSignIn } from './sign-in-session.ts';
import type { SignInWay } from './sign-in-way.ts';

/** Of one window; VS Code's `workspaceState`. */
export interface WindowMemory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

export interface SignInMark {
  follow(running: Pick<RunningSignIn, 'way' | 'step'> | undefined): void;
  /** The window closes: what is remembered now is for the next one. */
  keep(): void;
}

const memoryKey = 'rockbot.signInUnderWay';
/** Milliseconds; no code of Microsoft lives longer, and nobody waits for an older one. */
const longestMs = 15 * 60_000;
const markSchema = z.object({ at: z.number(), way: z.enum(['browser', 'device_code']) });

/** True while nothing was handed over, and nothing is about to be. */
const isBefore = { profile: true, key: true, sign_in: true, sealing: false, waiting_for_agent: false } as const;

export function createSignInMark({ memory, now }: { memory: WindowMemory; now: () => number }): SignInMark {
  let marked: { at: number; way: SignInWay } | undefined;
  let isKept = false;
  return {
    follow(running) {
      if (isKept) return;
      const isMarked = running !== undefined && isBefore[running.step];
      if (isMarked ? marked?.way === running.way : marked === undefined) return;
      marked = isMarked ? { at: marked?.at ?? now(), way: running.way } : undefined;
      void memory.update(memoryKey, marked);
    },
    keep() {
      isKept = true;
    },
  };
}

/** The way of the sign-in that the window before did not end; once, and not when that is long ago. */
export function takeInterruptedSignIn(memory: WindowMemory, now: number): SignInWay | undefined {
  const kept = memory.get(memoryKey);
  if (kept === undefined) return undefined;
  void memory.update(memoryKey, undefined);
  const mark = markSchema.safeParse(kept).data;
  const age = mark === undefined ? -1 : now - mark.at;
  return age >= 0 && age <= longestMs ? mark?.way : undefined;
}
