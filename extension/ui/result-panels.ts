// The editor tabs that show results: one is used again and again as editors' previews are, kept ones stay as they are.
import { env, ViewColumn, window, type Disposable, type Uri, type WebviewPanel } from 'vscode';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { panelTypes } from '../contributions.ts';
import type { NextStep } from '../results/next-step.ts';
import { parseResultPageState, type CallFacts } from '../results/panel-messages.ts';
import type { CallContext } from '../results/result-document.ts';
import { openResultPanel, type ResultPanel } from './result-panel.ts';
import type { NextPage } from './result-pages.ts';

export interface ResultPanelsOptions {
  extensionUri: Uri;
  /** Opens an http, https or mailto address outside of VS Code. */
  openAddress?: (address: string) => Thenable<unknown>;
  /** What this window knows of a call. */
  contextOf?: (event: ToolResultEvent) => CallContext;
  /** The user chose a step that the page offered. */
  onStep?: (step: NextStep, call: CallFacts) => void;
  nextPage?: NextPage;
  /** The zone of the reader's screen, which a page tells. */
  onTimeZone?: (timeZone: string) => void;
  /** The result of an earlier call, for tabs that come back after a reload of the window. */
  recall?: (callId: string) => ToolResultEvent | undefined;
}

export interface ShowResultOptions {
  /** A tab of its own, which the next result does not take. */
  keepOpen?: boolean;
  preserveFocus?: boolean;
  viewColumn?: ViewColumn;
}

export interface ResultPanels extends Disposable {
  show(event: ToolResultEvent, options?: ShowResultOptions): void;
  /** A tab comes back after a reload of the window. */
  restore(panel: WebviewPanel, state: unknown): void;
}

export function createResultPanels({
  extensionUri,
  openAddress = openOutside,
  contextOf = () => ({}),
  onStep = () => undefined,
  nextPage = () => undefined,
  onTimeZone = () => undefined,
  recall = () => undefined,
}: ResultPanelsOptions): ResultPanels {
  const open = new Set<ResultPanel>();

  const adopt = (panel: WebviewPanel): ResultPanel => {
    const result = openResultPanel({
      panel,
      extensionUri,
      openAddress,
      contextOf,
      onStep,
      nextPage,
      onTimeZone,
      onDispose: () => open.delete(result),
    });
    open.add(result);
    return result;
  };

  return {
    show: (event, { keepOpen = false, preserveFocus = false, viewColumn } = {}) => {
      const panels = [...open];
      const shown = panels.find(({ callId }) => callId === event.callId);
      const reused = shown ?? (keepOpen ? undefined : panels.find(({ isKept }) => !isKept));
      const result = reused ?? adopt(createPanel(event, viewColumn, preserveFocus));
      if (keepOpen) result.isKept = true;
      result.show(event);
      if (reused !== undefined) reused.panel.reveal(viewColumn, preserveFocus);
    },
    restore: (panel, state) => {
      const { facts } = parseResultPageState(state) ?? {};
      if (facts === undefined) {
        panel.dispose();
        return;
      }
      const result = adopt(panel);
      const event = recall(facts.callId);
      if (event === undefined) result.showLost(facts);
      else result.show(event);
    },
    dispose: () => {
      for (const { panel } of open) panel.dispose();
    },
  };
}

function createPanel(event: ToolResultEvent, viewColumn: ViewColumn | undefined, preserveFocus: boolean): WebviewPanel {
  return window.createWebviewPanel(
    panelTypes.result,
    event.tool,
    { viewColumn: viewColumn ?? ViewColumn.Active, preserveFocus },
    // Its state is small and its content is sent again, so a hidden page need not live on.
    { retainContextWhenHidden: false, enableFindWidget: true },
  );
}

/** As text, which VS Code takes although its type does not say so: a `Uri` would come out encoded in another way. */
function openOutside(address: string): Thenable<unknown> {
  return env.openExternal(address as unknown as Uri);
}
