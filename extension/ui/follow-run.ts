// A run without a form of its own, as a notification with the server's progress and Cancel.
import { ProgressLocation } from 'vscode';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { runningView } from '../tool-form/run-view.ts';
import { nameOf } from '../tool-form/tool-picks.ts';
import type { ToolRun } from '../tool-form/tool-run.ts';
import { withProgress } from './messages.ts';

export async function followRun(run: ToolRun): Promise<ToolResultEvent> {
  const title = `Running ${nameOf(run.target)}`;
  return withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (bar, token) => {
    let reported = 0;
    const report = (): void => {
      const view = runningView(run);
      if (view.kind !== 'running') return;
      const percent = (view.share ?? 0) * 100;
      const message = view.isCancelling ? 'Cancelling…' : view.message;
      bar.report({ ...(message !== undefined && { message }), increment: Math.max(0, percent - reported) });
      reported = Math.max(reported, percent);
    };
    const end = run.onChange(report);
    const cancelled = token.onCancellationRequested(() => run.cancel());
    if (run.progress !== undefined) report();
    try {
      return await run.finished;
    } finally {
      end();
      cancelled.dispose();
    }
  });
}
