// Forms of tools as editor panels, one per tool; what happens in a form is its session's.
import { ViewColumn, window, type Disposable, type Uri, type WebviewPanel } from 'vscode';
import { FormSession, type FormSessionPorts } from '../tool-form/form-session.ts';
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';
import type { ToolTarget } from '../tool-form/tool-caller.ts';
import { nameOf } from '../tool-form/tool-picks.ts';
import { webviewOptions, webviewPage } from './webview-page.ts';

export interface ToolFormPanelsOptions {
  readonly extensionUri: Uri;
  readonly ports: Omit<FormSessionPorts, 'post'>;
}

export interface ToolFormPanels extends Disposable {
  /** Shows the tool's form; given `values` it starts over with them, and a new form without any starts from `last`. */
  open(target: ToolTarget, values: JsonObject | undefined, last: JsonObject | undefined): void;
}

export function createToolFormPanels({ extensionUri, ports }: ToolFormPanelsOptions): ToolFormPanels {
  const forms = new Map<string, { panel: WebviewPanel; session: FormSession; schema: string }>();

  function create(key: string, target: ToolTarget, values: JsonObject | undefined): void {
    const title = nameOf(target);
    const panel = window.createWebviewPanel(
      'rockbot.toolForm',
      `Run ${title}`,
      ViewColumn.Active,
      webviewOptions(extensionUri),
    );
    const { webview } = panel;
    const post: FormSessionPorts['post'] = (message) => void webview.postMessage(message);
    const session = new FormSession({ target, values, ports: { ...ports, post } });
    forms.set(key, { panel, session, schema: JSON.stringify(target.tool) });
    panel.onDidDispose(() => {
      if (forms.get(key)?.panel === panel) forms.delete(key);
      session.close();
    });
    webview.onDidReceiveMessage((data: unknown) => void session.receive(data));
    webview.html = webviewPage({ webview, extensionUri, page: 'tool-form', title });
  }

  return {
    open: (target, values, last) => {
      const key = JSON.stringify([target.server, target.tool.name]);
      const open = forms.get(key);
      if (open !== undefined && open.schema === JSON.stringify(target.tool)) {
        open.panel.reveal();
        if (values !== undefined) open.session.startOver(values);
        return;
      }
      // The server has changed the tool since: the old form would ask for the wrong things.
      open?.panel.dispose();
      create(key, target, values ?? last);
    },
    dispose: () => {
      for (const { panel } of forms.values()) panel.dispose();
    },
  };
}
