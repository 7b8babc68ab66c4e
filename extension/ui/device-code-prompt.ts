// Shows a device code with what can be done about it; unlike a dialog it goes away by itself when the sign-in ends.
import { env, Uri, window, type QuickPickItem } from 'vscode';
import { countdownText } from '../connection/countdown-text.ts';
import type { DeviceCode } from '../consent/msal.ts';
import { cleanLine } from '../results/clean-text.ts';

interface Choice extends QuickPickItem {
  take: () => Promise<void> | void;
}

const tickMs = 1_000;

/** Resolves when it is gone: after a choice, by Escape, or when `signal` is aborted. */
export async function promptDeviceCode(
  { userCode, verificationUri, expiresAt }: DeviceCode,
  { signal, cancel }: { signal: AbortSignal; cancel: () => void },
): Promise<void> {
  if (signal.aborted) return;
  const code = cleanLine(userCode);
  const page = cleanLine(verificationUri);
  const copy = async (): Promise<void> => {
    await env.clipboard.writeText(userCode);
  };
  const picker = window.createQuickPick<Choice>();
  const countDown = (): void => {
    picker.title = `Your code: ${code} (good for ${countdownText(expiresAt - Date.now())})`;
  };
  picker.placeholder = `Enter the code at ${page} and sign in there`;
  picker.ignoreFocusOut = true;
  picker.items = [
    {
      label: `$(link-external) Copy ${code} and open the page`,
      detail: page,
      alwaysShow: true,
      take: async () => {
        await copy();
        // The address came over the network: nothing but a web page may be opened.
        if (/^https:\/\//i.test(verificationUri)) await env.openExternal(Uri.parse(verificationUri, true));
      },
    },
    { label: '$(copy) Copy the code', detail: 'To enter it on another device', alwaysShow: true, take: copy },
    { label: '$(close) Cancel the sign-in', alwaysShow: true, take: cancel },
  ];
  countDown();
  const timer = setInterval(countDown, tickMs);
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
