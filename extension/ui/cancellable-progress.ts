// Progress with Cancel for work that is often done at once. VS Code leaves a notification for 0.8 s at least, which would then stand
// beside what the work has found; so the notification comes only to work that takes longer.
import { ProgressLocation } from 'vscode';
import { endedWithin } from '../../shared/deadline.ts';
import { withProgress } from './messages.ts';

/** Milliseconds in which the status bar alone tells of the work. */
const quietMs = 1_000;

export interface CancellableWork<Result> {
  /** Is told what it is at. */
  work: (onStep: (what: string) => void) => Promise<Result>;
  cancel: () => void;
}

/** Settles as the work does. */
export async function cancellableProgress<Result>(
  title: string,
  { work, cancel }: CancellableWork<Result>,
): Promise<Result> {
  let step: string | undefined;
  let tell: ((message: string) => void) | undefined;
  let isOver = false;
  const result = work((what) => {
    step = what;
    tell?.(what);
  });
  const over = (): void => void (isOver = true);
  const ended = result.then(over, over);
  await withProgress({ location: ProgressLocation.Window, title }, () => endedWithin(quietMs, ended));
  if (!isOver)
    await withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (progress, token) => {
      token.onCancellationRequested(cancel);
      tell = (message) => progress.report({ message });
      if (step !== undefined) tell(step);
      return ended;
    });
  return result;
}
