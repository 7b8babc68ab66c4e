// The editor tabs with records of runs: one is used again and again as editors' previews are, and comes back after a reload.
import { ViewColumn, window, type Disposable, type WebviewPanel } from 'vscode';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { panelTypes } from '../contributions.ts';
import { parseRunPageState } from '../patrols/run-page-messages.ts';
import { openPatrolRunPanel, type PatrolRunPanel, type PatrolRunPanelOptions } from './patrol-run-panel.ts';

export type PatrolRunPanelsOptions = Omit<PatrolRunPanelOptions, 'panel' | 'onDispose'>;

export interface PatrolRunPanels extends Disposable {
  show(run: PatrolRun, options?: { preserveFocus?: boolean }): void;
  heard(run: PatrolRun): void;
  /** The agent is there again. */
  retry(): void;
  /** Something else is advised now. */
  refresh(): void;
  /** A tab comes back after a reload of the window. */
  restore(panel: WebviewPanel, state: unknown): void;
}

export function createPatrolRunPanels(options: PatrolRunPanelsOptions): PatrolRunPanels {
  const open = new Set<PatrolRunPanel>();

  const adopt = (panel: WebviewPanel): PatrolRunPanel => {
    const own = openPatrolRunPanel({ ...options, panel, onDispose: () => open.delete(own) });
    open.add(own);
    return own;
  };

  return {
    show: (run, { preserveFocus = false } = {}) => {
      const panels = [...open];
      const shown = panels.find(({ runId }) => runId === run.runId) ?? panels.at(-1);
      const used =
        shown ??
        adopt(
          window.createWebviewPanel(
            panelTypes.patrolRun,
            'Patrol',
            { viewColumn: ViewColumn.Active, preserveFocus },
            { retainContextWhenHidden: false, enableFindWidget: true },
          ),
        );
      used.show(run);
      if (shown !== undefined) shown.panel.reveal(undefined, preserveFocus);
    },
    heard: (run) => {
      for (const panel of open) panel.heard(run);
    },
    retry: () => {
      for (const panel of open) panel.retry();
    },
    refresh: () => {
      for (const panel of open) panel.refresh();
    },
    restore: (panel, state) => {
      const known = parseRunPageState(state);
      if (known === undefined) panel.dispose();
      else adopt(panel).show({ runId: known.runId, patrol: known.patrol });
    },
    dispose: () => {
      for (const { panel } of open) panel.dispose();
    },
  };
}
