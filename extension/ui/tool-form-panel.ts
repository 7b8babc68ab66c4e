// Forms of tools as editor panels, one per tool; they come back after a reload of the window. What happens in a form is its session's.
import { ViewColumn, window, type Disposable, type Uri, type WebviewPanel } from 'vscode';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';
import { parseSchema } from '../../shared/tool-schema/parse-schema.ts';
import { panelTypes } from '../contributions.ts';
import { cleanLine } from '../results/clean-text.ts';
import type { FormTarget, ToPage } from '../tool-form/form-messages.ts';
import { hasSecrets } from '../tool-form/form-secrets.ts';
import { FormSession, type FormSessionPorts } from '../tool-form/form-session.ts';
import { parseToHost } from '../tool-form/parse-form-message.ts';
import { findTool } from '../tool-form/restored-form.ts';
import { parseSavedPage } from '../tool-form/saved-page.ts';
import { formOf } from '../tool-form/schema-form.ts';
import type { ToolTarget } from '../tool-form/tool-caller.ts';
import { nameOf } from '../tool-form/tool-picks.ts';
import { webviewOptions, webviewPage } from './webview-page.ts';

export interface ToolFormPanelsOptions {
  readonly extensionUri: Uri;
  readonly ports: Omit<FormSessionPorts, 'post'>;
  /** As the agent last told them; undefined while it has not. */
  readonly servers: () => readonly ListedServer[] | undefined;
  readonly chooseTool: () => void;
}

export interface ToolFormPanels extends Disposable {
  /** Shows the tool's form; given `values` it starts over with them, and a new form without any starts from `last`. */
  open(target: ToolTarget, values: JsonObject | undefined, last: JsonObject | undefined): void;
  /** A tab comes back after a reload of the window; what was typed is with its page. */
  restore(panel: WebviewPanel, state: unknown): void;
  /** The agent has told something: forms that came back look for their tools again. */
  changed(): void;
}

interface OpenForm {
  readonly panel: WebviewPanel;
  readonly target: FormTarget;
  /** Undefined while there is no tool for a form that came back. */
  session: FormSession | undefined;
  /** The tool as it was when the form was made. */
  tool: string;
  /** Of the values that the page has. */
  readonly revision: number;
}

export function createToolFormPanels(options: ToolFormPanelsOptions): ToolFormPanels {
  const { extensionUri, ports, servers, chooseTool } = options;
  const forms = new Map<string, OpenForm>();

  function adopt(form: OpenForm): void {
    const { panel, target } = form;
    const { webview } = panel;
    const key = keyOf(target);
    forms.set(key, form);
    panel.onDidDispose(() => {
      if (forms.get(key) === form) forms.delete(key);
      form.session?.close();
    });
    webview.onDidReceiveMessage((data: unknown) => {
      const message = parseToHost(data);
      if (message?.type === 'chooseTool') chooseTool();
      else if (form.session !== undefined) void form.session.receive(data);
      else if (message?.type === 'ready') look(form);
    });
    webview.options = webviewOptions(extensionUri);
    webview.html = webviewPage({ webview, extensionUri, page: 'tool-form', title: panel.title });
  }

  function begin(form: OpenForm, target: ToolTarget, values: JsonObject | undefined): FormSession {
    const { webview } = form.panel;
    const post: FormSessionPorts['post'] = (message) => void webview.postMessage(message);
    form.tool = JSON.stringify(target.tool);
    form.session = new FormSession({ target, values, revision: form.revision, ports: { ...ports, post } });
    return form.session;
  }

  function look(form: OpenForm): void {
    const found = findTool(servers(), form.target);
    if (found.kind === 'tool') begin(form, found.target, undefined).show();
    else {
      const { message, isGone } = found;
      void form.panel.webview.postMessage({ type: 'without', message, isGone } satisfies ToPage);
    }
  }

  return {
    open: (target, values, last) => {
      const { server, tool } = target;
      const own = { server, tool: tool.name };
      const open = forms.get(keyOf(own));
      if (open?.session !== undefined && open.tool === JSON.stringify(tool)) {
        open.panel.reveal();
        if (values !== undefined) open.session.startOver(values);
        return;
      }
      // The server has changed the tool since: the old form would ask for the wrong things.
      open?.panel.dispose();
      const panel = window.createWebviewPanel(panelTypes.toolForm, `Run ${nameOf(target)}`, ViewColumn.Active, {
        ...webviewOptions(extensionUri),
        // A page that is hidden goes, and VS Code gets no secrets to keep for it: this one stays.
        retainContextWhenHidden: hasSecrets(formOf(parseSchema(tool.inputSchema)).root),
      });
      const form: OpenForm = { panel, target: own, session: undefined, tool: '', revision: 0 };
      begin(form, target, values ?? last);
      adopt(form);
    },
    restore: (panel, state) => {
      const saved = parseSavedPage(state);
      if (saved === undefined || forms.has(keyOf(saved.target))) {
        panel.dispose();
        return;
      }
      const { target, revision } = saved;
      if (panel.title === '') panel.title = `Run ${cleanLine(target.tool)}`;
      adopt({ panel, target, session: undefined, tool: '', revision });
    },
    changed: () => {
      for (const form of forms.values()) if (form.session === undefined) look(form);
    },
    dispose: () => {
      for (const { panel } of forms.values()) panel.dispose();
    },
  };
}

function keyOf({ server, tool }: FormTarget): string {
  return JSON.stringify([server, tool]);
}
