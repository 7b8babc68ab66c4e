// The only place that shows notifications, dialogs and progress: text in them never becomes a link.
import { window, type Progress, type ProgressOptions } from 'vscode';
import { notificationText } from '../results/notification-text.ts';

type Show = typeof window.showInformationMessage;

/** As VS Code's own functions, whose overloads differ only in the items. */
function safely(show: (text: string, ...rest: never[]) => Thenable<unknown>): Show {
  const safe = (text: string, ...rest: unknown[]): Thenable<unknown> =>
    show(notificationText(text), ...(rest.map(withSafeDetail) as never[]));
  return safe;
}

export const showInfo = safely(window.showInformationMessage);
export const showWarning = safely(window.showWarningMessage);
export const showError = safely(window.showErrorMessage);

export const withProgress: typeof window.withProgress = (options: ProgressOptions, task) =>
  window.withProgress(
    { ...options, ...(options.title !== undefined && { title: notificationText(options.title) }) },
    (progress, token) => task(safeProgress(progress), token),
  );

/** For a few seconds in the status bar; icons in `$(…)` are ours alone. */
export function showBriefly(text: string, icon: 'check' | 'info'): void {
  window.setStatusBarMessage(`$(${icon}) ${text.replaceAll('$(', '$\u200b(')}`, 4_000);
}

function withSafeDetail<Item>(item: Item): Item {
  if (typeof item !== 'object' || item === null || !('detail' in item) || typeof item.detail !== 'string') return item;
  return { ...item, detail: notificationText(item.detail) };
}

function safeProgress<Value extends { message?: string; increment?: number }>(
  progress: Progress<Value>,
): Progress<Value> {
  return {
    report: (value) =>
      progress.report(value.message === undefined ? value : { ...value, message: notificationText(value.message) }),
  };
}
