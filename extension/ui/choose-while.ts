// A list of things to do about something that goes on; unlike a message it goes away by itself when that ends.
import { window, type QuickPickItem } from 'vscode';

export interface Choice extends QuickPickItem {
  take: () => Promise<void> | void;
}

export interface ChooseWhileOptions {
  /** Asked again every second. */
  title: () => string;
  placeholder: string;
  choices: readonly Choice[];
  /** Aborted when it is over. */
  signal: AbortSignal;
}

const tickMs = 1_000;

/** Resolves when it is gone: after a choice, by Escape, or when `signal` is aborted. */
export async function chooseWhile({ title, placeholder, choices, signal }: ChooseWhileOptions): Promise<void> {
  if (signal.aborted) return;
  const picker = window.createQuickPick<Choice>();
  const draw = (): void => {
    picker.title = title();
  };
  picker.placeholder = placeholder;
  picker.ignoreFocusOut = true;
  picker.items = choices.map((choice) => ({ ...choice, alwaysShow: true }));
  draw();
  const timer = setInterval(draw, tickMs);
  const hide = (): void => picker.hide();
  signal.addEventListener('abort', hide, { once: true });
  try {
    const chosen = await new Promise<Choice | undefined>((resolve) => {
      picker.onDidAccept(() => resolve(picker.activeItems[0]));
      picker.onDidHide(() => resolve(undefined));
      picker.show();
    });
    picker.hide();
    await chosen?.take();
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', hide);
    picker.dispose();
  }
}
