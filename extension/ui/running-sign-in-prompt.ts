// Shows a sign-in in the browser that runs already, with what can be done about it, until it ends or goes past the browser.
import { env, Uri } from 'vscode';
import type { RunningSignIn } from '../connection/sign-in-session.ts';
import { stepText } from '../connection/status-view.ts';
import { chooseWhile, type Choice } from './choose-while.ts';

export interface RunningSignInPromptOptions {
  running: () => RunningSignIn | undefined;
  /** Aborted when the sign-in has ended. */
  signal: AbortSignal;
  useDeviceCode: () => void;
}

export async function promptRunningSignIn({
  running,
  signal,
  useDeviceCode,
}: RunningSignInPromptOptions): Promise<void> {
  const page = running()?.pageUrl;
  const browser: Choice[] =
    page === undefined
      ? []
      : [
          {
            label: '$(link-external) Open the page again',
            take: async () => {
              await env.openExternal(Uri.parse(page, true));
            },
          },
          {
            label: '$(device-mobile) Use a device code',
            detail: 'Ends the sign-in in the browser and starts one with a code',
            take: useDeviceCode,
          },
        ];
  await chooseWhile({
    title: () => {
      const step = running()?.step ?? 'sign_in';
      return step === 'sign_in' ? 'A sign-in is under way' : `A sign-in is under way: ${stepText(step)}`;
    },
    placeholder: page === undefined ? 'It goes on by itself' : 'Finish it in your browser, or choose another way',
    signal,
    choices: [...browser, { label: '$(close) Cancel the sign-in', take: () => running()?.cancel() }],
  });
}
