// The first command after a load of the window: it waits for the agent's first word in place of failing at once.
import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { until } from '../support/until.ts';

const shown = { messages: [] as string[], files: [] as string[], cancel: undefined as (() => void) | undefined };
Object.assign(globalThis, { firstCommands: shown });
const vscode = `
  const shown = globalThis.firstCommands;
  const say = async (text) => void shown.messages.push(text);
  const listened = () => ({ dispose() {} });
  export const ProgressLocation = { Notification: 15, Window: 10 };
  export const ViewColumn = {}, QuickPickItemKind = { Separator: -1 };
  export class ThemeIcon {}
  export class Position {}
  export class Range {}
  export class Selection {}
  export const Uri = { file: (path) => path, from: ({ path }) => path, joinPath: () => '' };
  export const env = { language: 'en' };
  export const commands = { executeCommand: async () => {} };
  export const window = {
    showInformationMessage: say, showWarningMessage: say, showErrorMessage: say, setStatusBarMessage: say,
    showTextDocument: async (uri) => (shown.files.push(uri), {}),
    withProgress: async (_options, task) =>
      task({ report() {} }, { onCancellationRequested: (listener) => ((shown.cancel = listener), { dispose() {} }) }),
    createQuickPick: () => {
      let hidden;
      return (shown.pick = { onDidAccept: listened, onDidHide: (listener) => (hidden = listener),
        show() {}, hide: () => hidden(), dispose() {} });
    },
  };`;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode'
      ? { url: `data:text/javascript,${encodeURIComponent(vscode)}`, shortCircuit: true }
      : next(specifier, context),
});
const { createOpenMcpJson } = await import('../../extension/ui/open-mcp-json.ts');
const { createRunTool } = await import('../../extension/ui/run-tool.ts');

function comingWord() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const firstWord = {
    isComing: true,
    wait: (signal?: AbortSignal) =>
      new Promise<void>((end) => {
        signal?.addEventListener('abort', () => end());
        void promise.then(end);
      }),
  };
  const come = (): void => {
    firstWord.isComing = false;
    resolve();
  };
  return { firstWord, come };
}

test('first command - Run Tool shows its list at once, which is busy until the agent has told its tools', async () => {
  const { firstWord, come } = comingWord();
  let lists = 0;
  const tools = createRunTool({
    firstWord,
    servers: () => undefined,
    recents: { get: () => undefined, update: () => Promise.resolve() },
    caller: { list: () => (lists++, Promise.resolve([])) },
  } as never);
  const running = tools.run();
  await setImmediate();
  const pick = (shown as unknown as { pick: { busy: boolean; hide(): void } }).pick;
  assert.deepEqual([pick.busy, lists], [true, 0]);
  come();
  await setImmediate();
  assert.deepEqual([pick.busy, lists], [false, 1]);
  pick.hide();
  await running;
  assert.deepEqual(shown.messages, []);
});

test('first command - a tool that is run again waits, too, and is not run for whoever cancels', async () => {
  const { firstWord } = comingWord();
  const tools = createRunTool({
    firstWord,
    servers: () => undefined,
    caller: { list: () => assert.fail('the person has left') },
  } as never);
  const running = tools.run({ server: 'mail', tool: 'send' });
  // Cancel comes after a quiet second.
  await until('Cancel is there', () => shown.cancel !== undefined);
  shown.cancel?.();
  await running;
  assert.deepEqual(shown.messages, []);
});

test('first command - Open mcp.json waits for the agent, and says that it is not heard only when that is known', async () => {
  const { firstWord, come } = comingWord();
  let agent: { kind: string } = { kind: 'unknown' };
  const open = createOpenMcpJson({
    localFile: () => undefined,
    state: () => ({ agentName: 'rockbot', agent, bus: { kind: 'online', url: '' } }) as never,
    firstWord,
    canRead: () => Promise.resolve(),
    showDetails: () => Promise.resolve(),
  });
  const opening = open();
  await setImmediate();
  assert.deepEqual([shown.messages, shown.files], [[], []]);
  agent = { kind: 'online' };
  come();
  await opening;
  assert.deepEqual(shown.files, ['/rockbot/mcp.json']);

  agent = { kind: 'offline' };
  await open();
  assert.match(shown.messages[0] ?? '', /is not heard now/);
});
