// Clicks on "Connect" that come close together: one sign-in, shown to both, whatever VS Code has shown of it by then.
import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { SignInSession } from '../../extension/connection/sign-in-session.ts';

/** As much of the API as a sign-in uses: what was shown is noted; a progress begins when `openProgress` is called. */
const shown = { pickers: 0, messages: [] as string[], openProgress: (): void => undefined };
Object.assign(globalThis, { shownInVscode: shown });
const vscode = `
  const shown = globalThis.shownInVscode;
  const say = async (text) => void shown.messages.push(text);
  const listened = () => ({ dispose() {} });
  export const ProgressLocation = { Notification: 15, Window: 10 };
  export const Uri = { parse: (text) => text };
  export const env = { openExternal: async () => true, clipboard: { writeText: async () => {} } };
  export const commands = { executeCommand: async () => {} };
  export const window = {
    showInformationMessage: say, showWarningMessage: say, showErrorMessage: say, setStatusBarMessage: say,
    withProgress: async (_options, task) => {
      await new Promise((resolve) => (shown.openProgress = resolve));
      return task({ report() {} }, { onCancellationRequested: listened });
    },
    createQuickPick: () => {
      shown.pickers++;
      let hidden;
      return { onDidAccept: listened, onDidHide: (listener) => (hidden = listener), show() {}, hide: () => hidden(), dispose() {} };
    },
  };`;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode'
      ? { url: `data:text/javascript,${encodeURIComponent(vscode)}`, shortCircuit: true }
      : next(specifier, context),
});
const { createSignInCommands } = await import('../../extension/ui/sign-in-commands.ts');

test('sign-in - a second click before the progress is there shows the one that runs, and fails nothing', async () => {
  const profile = Promise.withResolvers<never>();
  const events: string[] = [];
  const signIn = createSignInCommands({
    createSession: (person) =>
      new SignInSession({
        bus: { request: () => profile.promise },
        agentSignal: () => new AbortController().signal,
        signer: () => profile.promise,
        loadConsent: () => profile.promise,
        http: () => profile.promise,
        person,
      }),
    mark: { follow: () => undefined, keep: () => undefined },
    state: () => assert.fail('it is not connected'),
    tell: ({ kind }) => events.push(kind),
    keys: { approve: () => assert.fail('there is no key') } as never,
    way: () => 'browser',
    overrides: () => ({}),
    disconnect: () => assert.fail('nobody disconnects'),
    refresh: () => Promise.resolve(),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const first = signIn.connect();
  const second = signIn.connect();
  await setImmediate();
  assert.deepEqual(events, ['sign_in'], 'one began, and none has ended');
  assert.equal(shown.pickers, 1, 'the second click shows it');
  assert.deepEqual(shown.messages, []);

  // It may even be over before VS Code shows the progress: its end is told all the same.
  profile.reject(new Error('no profile'));
  await setImmediate();
  shown.openProgress();
  await Promise.all([first, second]);
  assert.deepEqual(events, ['sign_in', 'sign_in_ended']);
  assert.equal(shown.messages.length, 1);
});
