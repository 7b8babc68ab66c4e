// The activity view as a window has it: what a click and Cancel Call do, and calls that end after their agent was left.
import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';

const seen = {
  commands: new Map<string, (node?: unknown) => unknown>(),
  told: [] as string[],
  tree: undefined as unknown,
};
Object.assign(globalThis, { activityInVscode: seen });
const vscode = `
  const seen = globalThis.activityInVscode;
  const tell = async (text) => void seen.told.push(text);
  const end = () => ({ dispose() {} });
  export class EventEmitter { event = end; fire() {} }
  export class TreeItem { constructor(label) { this.label = label; } }
  export class ThemeIcon {}
  export class ThemeColor {}
  export class MarkdownString { constructor(value) { this.value = value; } }
  export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };
  export const env = { language: 'en' };
  export const commands = {
    executeCommand: async () => {},
    registerCommand: (id, run) => (seen.commands.set(id, run), end()),
  };
  export const window = {
    createTreeView: (_, { treeDataProvider }) => ((seen.tree = treeDataProvider), end()),
    showInformationMessage: tell, showWarningMessage: tell, showErrorMessage: tell, setStatusBarMessage: tell,
  };`;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode'
      ? { url: `data:text/javascript,${encodeURIComponent(vscode)}`, shortCircuit: true }
      : next(specifier, context),
});
const { createActivity } = await import('../../extension/ui/activity.ts');

const call = { callId: 'a', server: 'mail', tool: 'send', arguments: {}, sideEffects: 'write' } as const;

function lost(): ToolResultEvent {
  const error = { code: 'outcome_unknown', message: 'The bus was left.', retryable: false, action: 'Look at it.' };
  const startedAt = new Date().toISOString();
  return { callId: 'a', server: 'mail', tool: 'send', caller: 'vscode', startedAt, durationMs: 5, ok: false, error };
}

function open(cancel: () => Promise<boolean> = async () => false) {
  const kept = new Map<string, unknown>();
  const shown: ToolResultEvent[] = [];
  const activity = createActivity({
    memory: { get: (key) => kept.get(key), update: async (key, value) => void kept.set(key, value) },
    cancel,
    showResult: (event) => shown.push(event),
    timeZone: { current: () => 'UTC', onDidChange: () => ({ dispose: () => undefined }) },
  });
  const tree = seen.tree as { getChildren(): unknown[]; getTreeItem(node: unknown): { description: string } };
  const press = (id: string) => seen.commands.get(id)?.({ callId: 'a' });
  const rows = (): string[] => tree.getChildren().map((node) => tree.getTreeItem(node).description);
  seen.told = [];
  return { activity, shown, press, rows, [Symbol.dispose]: () => activity.dispose() };
}

test('activity view - Cancel Call on a call that the agent does not have ends its row, and says so', async () => {
  using view = open();
  view.activity.follow('one');
  view.activity.started(call);
  assert.match(view.rows()[0] ?? '', /running/);
  await view.press('rockbot.cancelCall');
  assert.match(view.rows()[0] ?? '', /end not heard/);
  assert.match(seen.told.join(), /does not run send any more/);
});

test('activity view - a call that ends after its agent was left has ended when the window is back', async () => {
  using view = open();
  view.activity.follow('one');
  view.activity.started(call);
  view.activity.follow('two');
  assert.deepEqual(view.rows(), []);
  view.activity.ownFinished(lost());
  assert.deepEqual(view.rows(), [], 'it is none of the other agent');
  view.activity.follow('one');
  assert.match(view.rows()[0] ?? '', /outcome unknown/);
  view.press('rockbot.openResult');
  assert.deepEqual([view.shown[0]?.error?.code, view.shown[0]?.error?.action], ['outcome_unknown', 'Look at it.']);
});

test('activity view - a call of others that ran when its agent was left is not shown as running for ever', () => {
  using view = open();
  view.activity.follow('one');
  const told = { server: 'mail', tool: 'list', caller: 'cli', startedAt: new Date().toISOString() };
  view.activity.progressed({ callId: 'a', progress: 0, ...told });
  view.activity.follow(undefined);
  view.activity.follow('one');
  assert.match(view.rows()[0] ?? '', /end not heard/);
  view.press('rockbot.openResult');
  assert.match(view.shown[0]?.error?.message ?? '', /did not hear/);
  view.activity.progressed({ callId: 'a', progress: 1, ...told });
  assert.match(view.rows()[0] ?? '', /running/, 'it is heard of again');
});
