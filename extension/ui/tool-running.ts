// Running tools from this window: the form, "Run again", the results, and the view of all calls, put together.
import { join } from 'node:path';
import { commands, window, type Disposable, type ExtensionContext } from 'vscode';
import type { EventOf } from '../../shared/contract/contract.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import type { ConnectionSession } from '../connection/connection-session.ts';
import type { FirstWord } from '../connection/first-word.ts';
import { callAdvice, serversInWindow } from '../connection/window-advice.ts';
import { commandIds, panelTypes } from '../contributions.ts';
import { loadedPart } from '../loaded-part.ts';
import type { NextStep, OwnAdvice } from '../results/next-step.ts';
import { requestLists } from '../results/request-names.ts';
import type { CallContext } from '../results/result-document.ts';
import { callerName, createAgentTools } from '../servers/agent-tools.ts';
import { nextPageCall } from '../servers/next-page-call.ts';
import type { OuterStepId } from '../tool-form/outer-step.ts';
import type { ToolCallRequest, ToolPreset } from '../tool-form/tool-caller.ts';
import { createActivity } from './activity.ts';
import type { ConnectionOptions } from './connection.ts';
import { onDemand } from './on-demand.ts';
import { createQuestions, type Questions } from './questions.ts';
import type { ReaderTimeZone } from './reader-time-zone.ts';
import type { ResultPanelsOptions } from './result-panels.ts';
import type { RunToolOptions } from './run-tool.ts';
import { tellNotLoaded } from './tell-not-loaded.ts';

export interface ToolRunning extends Disposable {
  run(preset?: ToolPreset): Promise<void>;
  /** In the view of results. */
  showResult(event: ToolResultEvent): void;
  /** In the view of all that happens. */
  showRuns(runs: readonly PatrolRun[]): void;
  /** To be told of every state of the connection. */
  changed(): void;
  /** To be told of the agent that this window has, of everything that it says about calls, and of questions about them. */
  readonly hears: Pick<ConnectionOptions, 'onAgent' | 'onToolResult' | 'onToolProgress' | keyof Questions>;
}

export interface ToolRunningOptions {
  context: ExtensionContext;
  session: () => ConnectionSession;
  timeZone: ReaderTimeZone;
  firstWord: Pick<FirstWord, 'isComing' | 'wait'>;
}

/** Arguments of so many calls are kept for "Run again", in memory alone. */
const keptArguments = 100;

const steps: Readonly<Record<Exclude<NextStep, 'runAgain'> | OuterStepId, string>> = {
  connect: commandIds.connectM365,
  reconnect: commandIds.reconnectM365,
  showLog: commandIds.showLog,
  openMcpJson: commandIds.openMcpJson,
  showServers: commandIds.focusServers,
};

export function createToolRunning({ context, session, timeZone, firstWord }: ToolRunningOptions): ToolRunning {
  const { extensionUri, globalState, workspaceState } = context;
  const listeners = new Set<(progress: EventOf<'toolProgress'>) => void>();
  const asked = new Map<string, ToolCallRequest>();
  const take = (step: keyof typeof steps, server = ''): void => {
    // The servers view knows where an entry is to be seen.
    if (step === 'openMcpJson' && server !== '')
      void commands.executeCommand(commandIds.openServerEntry, { kind: 'server', server: { name: server } });
    else void commands.executeCommand(steps[step]);
  };

  const advise = (event: ToolResultEvent): OwnAdvice | undefined =>
    event.error && callAdvice(event.error, event, session().state);

  const contextOf = (event: ToolResultEvent): CallContext => ({
    advice: advise(event),
    requests: requestLists(asked.get(event.callId)?.arguments),
  });

  const panelsOptions: ResultPanelsOptions = {
    extensionUri,
    contextOf,
    onStep: (step, { callId, server, tool }) => {
      // After a reload, and of calls of others, the arguments are not known: the form starts as it is.
      if (step === 'runAgain') void run(asked.get(callId) ?? { server, tool });
      else take(step, server);
    },
    nextPage: ({ callId, server, tool }, link) => {
      const values = asked.get(callId)?.arguments;
      const call = nextPageCall(session().state.servers ?? [], { server, tool, link, arguments: values });
      // A call like any other: it is in the view of all calls, and can be cancelled there.
      return (
        call &&
        (() =>
          tools.call(
            { ...call, callId: crypto.randomUUID(), sideEffects: 'read' },
            { signal: new AbortController().signal, onProgress: () => undefined },
          ))
      );
    },
    onTimeZone: (name) => timeZone.learn(name),
    recall: (callId) => activity.recall(callId),
  };
  const panels = onDemand(
    async () => (await loadedPart(import('./result-panels.ts'))).createResultPanels(panelsOptions),
    tellNotLoaded,
  );
  const serializer = window.registerWebviewPanelSerializer(panelTypes.result, {
    deserializeWebviewPanel: (panel, state: unknown) => panels.use((shown) => shown.restore(panel, state)),
  });
  const showResult = (event: ToolResultEvent): void => void panels.use((shown) => shown.show(event));

  const tools = createAgentTools({
    bus: { request: (name, payload, options) => session().request(name, payload, options) },
    onProgress: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onStarted: (call) => {
      asked.set(call.callId, call);
      for (const callId of asked.keys()) if (asked.size > keptArguments) asked.delete(callId);
      activity.started(call);
    },
    onFinished: (event) => activity.ownFinished(event),
  });
  const activity = createActivity({
    memory: workspaceState,
    timeZone,
    cancel: (callId) => tools.cancel(callId),
    showResult,
  });
  const runToolOptions: RunToolOptions = {
    extensionUri,
    recents: globalState,
    source: callerName,
    servers: () => session().state.servers,
    firstWord,
    caller: {
      list: async () => {
        const servers = session().state.servers ?? (await session().request('toolList', {})).servers;
        return serversInWindow(servers, session().state.auth);
      },
      call: (request, watch) => tools.call(request, watch),
    },
    showResult,
    advise,
    signInStatus: () => session().state.auth?.status,
    learnTimeZone: (name) => timeZone.learn(name),
    takeStep: (step, { server }) => take(step, server),
  };
  const runTool = onDemand(
    async () => (await loadedPart(import('./run-tool.ts'))).createRunTool(runToolOptions),
    tellNotLoaded,
  );
  const run = (preset?: ToolPreset): Promise<void> => runTool.use((made) => made.run(preset));

  const formSerializer = window.registerWebviewPanelSerializer(panelTypes.toolForm, {
    deserializeWebviewPanel: (panel, state: unknown) => runTool.use((made) => made.restore(panel, state)),
  });

  const questions = createQuestions({
    folder: join(context.globalStorageUri.fsPath, 'questions'),
    session,
    isOwnCall: (callId) => asked.has(callId),
  });

  return {
    run,
    showResult,
    showRuns: (runs) => activity.showRuns(runs),
    changed: () => runTool.made?.changed(),
    hears: {
      ...questions,
      onAgent: (agent) => activity.follow(agent),
      onToolResult: (event) => activity.finished(event),
      onToolProgress: (event) => {
        activity.progressed(event);
        for (const listener of listeners) listener(event);
      },
    },
    dispose: () => {
      for (const part of [serializer, formSerializer, runTool, activity, panels]) part.dispose();
    },
  };
}
