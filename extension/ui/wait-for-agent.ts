// The wait for the agent's first word before a person's eyes: quiet at first, then with Cancel.
import type { FirstWord } from '../connection/first-word.ts';
import { cancellableProgress } from './cancellable-progress.ts';

/** False when the person left. */
export async function waitForAgent(firstWord: Pick<FirstWord, 'isComing' | 'wait'>): Promise<boolean> {
  if (!firstWord.isComing) return true;
  const leaving = new AbortController();
  await cancellableProgress('RockBot: waiting for the agent', {
    cancel: () => leaving.abort(),
    work: () => firstWord.wait(leaving.signal),
  });
  return !leaving.signal.aborted;
}
