// Shows a device code with what can be done about it, for as long as it is good and wanted.
import { env, Uri } from 'vscode';
import { countdownText } from '../connection/countdown-text.ts';
import type { DeviceCode } from '../consent/msal.ts';
import { cleanLine } from '../results/clean-text.ts';
import { chooseWhile } from './choose-while.ts';

/** Resolves when it is gone: after a choice, by Escape, or when `signal` is aborted. */
export async function promptDeviceCode(
  { userCode, verificationUri, expiresAt }: DeviceCode,
  { signal, cancel }: { signal: AbortSignal; cancel: () => void },
): Promise<void> {
  const code = cleanLine(userCode);
  const page = cleanLine(verificationUri);
  const copy = async (): Promise<void> => {
    await env.clipboard.writeText(userCode);
  };
  await chooseWhile({
    title: () => `Your code: ${code} (${countdownText(expiresAt - Date.now())} left)`,
    placeholder: `Enter the code at ${page} and sign in there`,
    signal,
    choices: [
      {
        label: `$(link-external) Copy ${code} and open the page`,
        detail: page,
        take: async () => {
          await copy();
          // The address came over the network: nothing but a web page may be opened.
          if (/^https:\/\//i.test(verificationUri)) await env.openExternal(Uri.parse(verificationUri, true));
        },
      },
      { label: '$(copy) Copy the code', detail: 'To enter it on another device', take: copy },
      { label: '$(close) Cancel the sign-in', take: cancel },
    ],
  });
}
