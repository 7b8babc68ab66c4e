// The patrols view, its commands and the records of runs, put together; how they look is decided by patrols/.
import { commands, ProgressLocation, Uri, window, type Disposable, type ExtensionContext } from 'vscode';
import * as z from 'zod';
import type { ListedPatrol, PatrolChanged, PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import type { ConnectionSession } from '../connection/connection-session.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { problemOf } from '../connection/problem.ts';
import { commandIds, contextKeys, panelTypes, viewIds } from '../contributions.ts';
import { loadedPart } from '../loaded-part.ts';
import { advisedRun } from '../patrols/advised-run.ts';
import { patrolChildren, patrolNodeView, patrolRoots, type PatrolNode } from '../patrols/patrol-tree.ts';
import { PatrolsSession } from '../patrols/patrols-session.ts';
import type { PatrolsState } from '../patrols/patrols-state.ts';
import { outcomeText } from '../patrols/run-words.ts';
import { cleanLine } from '../results/clean-text.ts';
import { escapeIcons } from '../results/escape-icons.ts';
import { showBriefly, showError, withProgress } from './messages.ts';
import { createNodeTree } from './node-tree.ts';
import { onDemand } from './on-demand.ts';
import { createOpenPatrolsJson, type OpenPatrolsJsonOptions } from './open-patrols-json.ts';
import type { PatrolRunPanelsOptions } from './patrol-run-panels.ts';
import { readerLocale } from './reader-locale.ts';
import type { ReaderTimeZone } from './reader-time-zone.ts';
import { tellNotLoaded } from './tell-not-loaded.ts';

export interface PatrolsOptions extends Omit<OpenPatrolsJsonOptions, 'agentName' | 'timeZone'> {
  timeZone: Pick<ReaderTimeZone, 'current' | 'onDidChange'>;
  context: Pick<ExtensionContext, 'extensionUri'>;
  session: () => ConnectionSession;
  showResult: (event: ToolResultEvent) => void;
  /** For the view of all that happens. */
  showRuns: (runs: readonly PatrolRun[]) => void;
}

export interface Patrols extends Disposable {
  /** To be told of every state of the connection, and of what the agent says of patrols. */
  follow(state: ConnectionState): void;
  readonly hears: { onPatrolChanged(event: PatrolChanged): void };
}

/** Milliseconds to gather changes before the view is drawn anew. */
const drawMs = 100;
/** A day passes, and a word of the agent may be lost. */
const tickMs = 60_000;

export function createPatrols(options: PatrolsOptions): Patrols {
  const { context, session, timeZone, localFile, showResult, showRuns } = options;
  const { extensionUri } = context;
  let drawing: NodeJS.Timeout | undefined;
  /** What records advise goes by it. */
  let signIn: string | undefined;

  const patrols = new PatrolsSession({
    request: (name, payload, more) => session().request(name, payload, more),
    onState: (state) => {
      void commands.executeCommand('setContext', contextKeys.patrolsKnown, state.patrols !== undefined);
      void commands.executeCommand('setContext', contextKeys.patrolCount, state.patrols?.length);
      showRuns(state.runs);
      if (state.patrols !== undefined) panels.made?.retry();
      draw();
    },
    onRun: (run) => panels.made?.heard(run),
  });
  const clock = () => ({ now: Date.now(), timeZone: timeZone.current(), locale: readerLocale() });
  const tree = createNodeTree<PatrolNode>({
    roots: () => patrolRoots(patrols.state),
    children: (node) => {
      // Only what is open is asked for its children.
      if (node.kind === 'patrol') void patrols.loadRuns(node.patrol.name);
      return patrolChildren(node);
    },
    view: (node) => patrolNodeView(node, clock()),
  });
  const view = window.createTreeView(viewIds.patrols, { treeDataProvider: tree, showCollapseAll: true });
  const panelsOptions: PatrolRunPanelsOptions = {
    extensionUri,
    record: (runId) => patrols.record(runId),
    showResult,
    advised: (run) => advisedRun(run, session().state),
    onRunAgain: (patrol) => void start(patrol),
    onCancel: (patrol) => void cancel(patrol),
  };
  const panels = onDemand(
    async () => (await loadedPart(import('./patrol-run-panels.ts'))).createPatrolRunPanels(panelsOptions),
    tellNotLoaded,
  );
  const openFile = createOpenPatrolsJson({ localFile, timeZone, agentName: () => session().state.agentName });

  function draw(): void {
    drawing ??= setTimeout(() => {
      drawing = undefined;
      tree.changed();
    }, drawMs);
  }

  async function start(patrol: string): Promise<void> {
    await telling(`Starting ${cleanLine(patrol)}`, async () => {
      const { run, isNew } = await patrols.start(patrol);
      if (!isNew)
        showBriefly(`${cleanLine(patrol)} ${run.status === 'running' ? 'runs already' : 'has just run'}`, 'info');
      await panels.use((shown) => shown.show(run, { preserveFocus: true }));
    });
  }

  async function cancel(patrol: string): Promise<void> {
    await telling(`Cancelling ${cleanLine(patrol)}`, () => patrols.cancel(patrol));
  }

  async function openRun(node: unknown): Promise<void> {
    const runId = runNode.safeParse(node).data?.run.runId;
    const name = nameOf(node);
    const found =
      runId === undefined
        ? lastRunOf(patrols.state, name)
        : patrols.state.runs.find((candidate) => candidate.runId === runId);
    if (found !== undefined) await panels.use((shown) => shown.show(found));
    else showBriefly(name === undefined ? 'This run is not known any more' : `${name} has not run yet`, 'info');
  }

  const onPatrol =
    (fits: (patrol: ListedPatrol) => boolean, act: (name: string) => Promise<void>) =>
    async (node: unknown): Promise<void> => {
      const name = nameOf(node) ?? (await pickPatrol(patrols.state, fits));
      if (name !== undefined) await act(name);
    };

  const registrations = [
    view,
    panels,
    window.registerWebviewPanelSerializer(panelTypes.patrolRun, {
      deserializeWebviewPanel: (panel, state: unknown) => panels.use((shown) => shown.restore(panel, state)),
    }),
    timeZone.onDidChange(draw),
    commands.registerCommand(
      commandIds.runPatrol,
      onPatrol(({ valid, running }) => valid && running === undefined, start),
    ),
    commands.registerCommand(
      commandIds.cancelPatrol,
      onPatrol(({ running }) => running !== undefined, cancel),
    ),
    commands.registerCommand(commandIds.openPatrolRun, openRun),
    commands.registerCommand(commandIds.refreshPatrols, () =>
      telling('Asking the agent for its patrols', () => patrols.refresh()),
    ),
    commands.registerCommand(commandIds.openPatrolsJson, async (node: unknown) => {
      try {
        await openFile(nameOf(node));
      } catch (error) {
        void showError(`patrols.json cannot be opened (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`);
      }
    }),
    commands.registerCommand(commandIds.openPatrolsGuide, () =>
      commands.executeCommand('markdown.showPreview', Uri.joinPath(extensionUri, 'docs', 'patrols.md')),
    ),
  ];
  const ticking = setInterval(() => {
    draw();
    if (view.visible) void patrols.check();
  }, tickMs);

  return {
    follow: (state) => {
      patrols.follow(state);
      const { auth } = state;
      const next = JSON.stringify([auth?.status, auth?.since]);
      if (next !== signIn) panels.made?.refresh();
      signIn = next;
    },
    hears: { onPatrolChanged: (event) => patrols.changed(event) },
    dispose: () => {
      clearInterval(ticking);
      clearTimeout(drawing);
      for (const registration of registrations) registration.dispose();
    },
  };
}

async function pickPatrol(
  { patrols = [] }: PatrolsState,
  fits: (patrol: ListedPatrol) => boolean,
): Promise<string | undefined> {
  const items = patrols.filter(fits).map(({ name, description, lastRun }) => ({
    name,
    label: escapeIcons(cleanLine(name)),
    description: lastRun === undefined ? 'not run yet' : outcomeText(lastRun),
    detail: escapeIcons(cleanLine(description ?? '')),
  }));
  if (items.length === 0) {
    showBriefly('There is no such patrol now', 'info');
    return undefined;
  }
  return (await window.showQuickPick(items, { placeHolder: 'Which patrol?', matchOnDetail: true }))?.name;
}

function lastRunOf({ patrols = [], runs }: PatrolsState, name: string | undefined): PatrolRun | undefined {
  const patrol = patrols.find((candidate) => candidate.name === name);
  const running = runs.find(({ runId }) => runId === patrol?.running?.runId);
  return running ?? patrol?.lastRun;
}

/** Shows a quiet progress, and an error as one message. */
async function telling(title: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await withProgress({ location: { viewId: viewIds.patrols } }, () =>
      withProgress({ location: ProgressLocation.Window, title }, work),
    );
  } catch (error) {
    const { message, action } = problemOf(error);
    void showError([message, action].filter(Boolean).join(' '));
  }
}

const patrolNode = z.object({ patrol: z.object({ name: z.string() }) });
const runNode = z.object({ run: z.object({ runId: z.string(), patrol: z.string() }) });
const noteNode = z.object({ patrol: z.string() });

/** Of a patrol, of one of its runs, or of a note about it. */
function nameOf(node: unknown): string | undefined {
  return (
    patrolNode.safeParse(node).data?.patrol.name ??
    runNode.safeParse(node).data?.run.patrol ??
    noteNode.safeParse(node).data?.patrol
  );
}
