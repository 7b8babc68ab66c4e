// Stands in for the part of VS Code's API that a sign-in uses: it notes what is shown and answers as a test has it.
import { registerHooks } from 'node:module';

export interface ShownMessage {
  text: string;
  /** Titles in their order; VS Code puts the focus of a dialog on the first. */
  items: string[];
  isModal: boolean;
  detail: string;
}

export interface ShownInVscode {
  messages: ShownMessage[];
  /** Ids of the commands that were run. */
  commands: string[];
  /** Title of the item that is pressed; undefined for none. */
  answer: (message: ShownMessage) => string | undefined | Promise<string | undefined>;
}

export const shownInVscode: ShownInVscode = { messages: [], commands: [], answer: () => undefined };
Object.assign(globalThis, { shownInVscode });

const vscode = `
  const shown = globalThis.shownInVscode;
  const say = async (text, ...rest) => {
    const options = typeof rest[0] === 'object' && !('title' in rest[0]) ? rest.shift() : {};
    const message = { text, items: rest.map((item) => item.title ?? item), isModal: options.modal === true, detail: options.detail ?? '' };
    shown.messages.push(message);
    const title = await shown.answer(message);
    return rest.find((item) => (item.title ?? item) === title);
  };
  const listened = () => ({ dispose() {} });
  export const ProgressLocation = { Notification: 15, Window: 10 };
  export const Uri = { parse: (text) => text };
  export const env = { openExternal: async () => true, clipboard: { writeText: async () => {} } };
  export const commands = { executeCommand: async (id) => void shown.commands.push(id) };
  export const window = {
    showInformationMessage: say, showWarningMessage: say, showErrorMessage: say, setStatusBarMessage: () => {},
    withProgress: async (_options, task) => task({ report() {} }, { onCancellationRequested: listened }),
    createQuickPick: () => ({ onDidAccept: listened, onDidHide: listened, onDidChangeActive: listened,
      onDidTriggerButton: listened, onDidTriggerItemButton: listened, show() {}, hide() {}, dispose() {} }),
  };`;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode'
      ? { url: `data:text/javascript,${encodeURIComponent(vscode)}`, shortCircuit: true }
      : next(specifier, context),
});
