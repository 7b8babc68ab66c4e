// The activity view: follows calls, keeps them over reloads, opens their results. How it looks is in activity/.
import { commands, window, type Disposable } from 'vscode';
import * as z from 'zod';
import type { EventOf } from '../../shared/contract/contract.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { maxCalls, reduceActivity, type ActivityEvent, type Call } from '../activity/activity-log.ts';
import { ActivityMemory, type Memory } from '../activity/activity-memory.ts';
import { activityChildren, activityRoots, activityView, type ActivityNode } from '../activity/activity-nodes.ts';
import { isFiltered, noFilter, type ActivityFilter } from '../activity/activity-view.ts';
import { eventOfCall } from '../activity/event-of-call.ts';
import { argumentHint } from '../tool-form/argument-hint.ts';
import { ResultStore } from '../activity/result-store.ts';
import { problemOf } from '../connection/problem.ts';
import { cleanLine } from '../results/clean-text.ts';
import { commandIds, contextKeys, viewIds } from '../contributions.ts';
import { callerName } from '../servers/agent-tools.ts';
import type { ToolCallRequest } from '../tool-form/tool-caller.ts';
import { askActivityFilter } from './ask-activity-filter.ts';
import { createNodeTree } from './node-tree.ts';
import { showBriefly, showError, showInfo } from './messages.ts';
import { readerLocale } from './reader-locale.ts';
import type { ReaderTimeZone } from './reader-time-zone.ts';

export interface Activity extends Disposable {
  started(call: ToolCallRequest): void;
  progressed(progress: EventOf<'toolProgress'>): void;
  finished(event: ToolResultEvent): void;
  /** A call of this window, which may have been made on an agent that is not followed any more. */
  ownFinished(event: ToolResultEvent): void;
  /** The runs of patrols that are known now. */
  showRuns(runs: readonly PatrolRun[]): void;
  /** Shows the calls of this agent from now on; undefined for none. */
  follow(agent: string | undefined): void;
  /** The result of an earlier call, as long as this window has it. */
  recall(callId: string): ToolResultEvent | undefined;
}

export interface ActivityOptions {
  memory: Memory;
  cancel: (callId: string) => Promise<boolean>;
  showResult: (event: ToolResultEvent) => void;
  timeZone: Pick<ReaderTimeZone, 'current' | 'onDidChange'>;
}

/** Bytes of results that a window keeps. */
const maxResultBytes = 32 * 1024 * 1024;
const tickMs = 30_000;
/** Milliseconds to gather changes before the view is drawn anew: a busy agent makes thousands of calls a second. */
const drawMs = 150;

export function createActivity({ memory, cancel, showResult, timeZone }: ActivityOptions): Activity {
  const stored = new ActivityMemory(memory);
  const results = new ResultStore({ maxBytes: maxResultBytes });
  /** Whose calls these are; undefined while there is no bus. */
  let agent: string | undefined;
  let calls: readonly Call[] = [];
  /** Of calls of this window alone. */
  const hints = new Map<string, string>();
  let runs: readonly PatrolRun[] = [];
  /** Milliseconds since the epoch; runs before it were cleared away. */
  let clearedAt = 0;
  let filter = noFilter;
  let drawing: NodeJS.Timeout | undefined;

  const tree = createNodeTree<ActivityNode>({
    roots: () => activityRoots({ calls, runs: runs.filter(isShown), filter, hints }),
    children: activityChildren,
    view: (node) =>
      activityView(node, { now: Date.now(), timeZone: timeZone.current(), locale: readerLocale() }, hints),
  });
  const view = window.createTreeView(viewIds.activity, { treeDataProvider: tree });

  function isShown({ endedAt, status }: PatrolRun): boolean {
    return status === 'running' || !(Date.parse(endedAt ?? '') <= clearedAt);
  }

  function draw(): void {
    drawing ??= setTimeout(() => {
      drawing = undefined;
      tree.changed();
    }, drawMs);
  }

  function dispatch(event: ActivityEvent): void {
    const next = reduceActivity(calls, event);
    if (next === calls) return;
    calls = next;
    if (agent !== undefined) stored.save(agent, calls);
    draw();
  }

  function finished(event: ToolResultEvent): void {
    if (hints.has(event.callId) && event.ok) void commands.executeCommand('setContext', contextKeys.toolHasRun, true);
    results.put(event);
    dispatch({ kind: 'finished', result: event });
  }

  function setFilter(next: ActivityFilter): void {
    filter = next;
    const words = [next.outcome === 'all' ? '' : next.outcome, next.text === '' ? '' : `"${next.text}"`].filter(
      Boolean,
    );
    view.description = words.join(' ');
    void commands.executeCommand('setContext', contextKeys.activityFiltered, isFiltered(next));
    draw();
  }

  function open(call: Call): void {
    const event = results.get(call.callId) ?? eventOfCall(call);
    if (event === undefined) {
      showBriefly('This call has not ended yet', 'info');
      return;
    }
    showResult(event);
  }

  const onCall =
    (run: (call: Call) => unknown) =>
    (node: unknown): unknown => {
      const parsed = callNode.safeParse(node);
      const call = parsed.success ? calls.find(({ callId }) => callId === parsed.data.callId) : undefined;
      return call === undefined ? undefined : run(call);
    };

  const registrations = [
    view,
    timeZone.onDidChange(draw),
    commands.registerCommand(commandIds.openResult, onCall(open)),
    commands.registerCommand(
      commandIds.cancelCall,
      onCall(async ({ callId, tool }) => {
        try {
          if (await cancel(callId)) return;
          dispatch({ kind: 'gone', callId });
          void showInfo(`The agent does not run ${cleanLine(tool)} any more.`);
        } catch (error) {
          void showError(problemOf(error).message);
        }
      }),
    ),
    commands.registerCommand(commandIds.showResults, () => {
      const newest = results.newest;
      if (newest !== undefined) showResult(newest);
      else {
        void commands.executeCommand(`${viewIds.activity}.focus`);
        showBriefly('This window has no results yet; run a tool', 'info');
      }
    }),
    commands.registerCommand(commandIds.filterActivity, async () => {
      const chosen = await askActivityFilter(filter);
      if (chosen !== undefined) setFilter(chosen);
    }),
    commands.registerCommand(commandIds.clearActivityFilter, () => setFilter(noFilter)),
    commands.registerCommand(commandIds.clearActivity, () => {
      results.clear();
      hints.clear();
      clearedAt = Date.now();
      if (agent !== undefined) stored.clear(agent, clearedAt);
      dispatch({ kind: 'cleared' });
      draw();
    }),
  ];
  const ticking = setInterval(() => dispatch({ kind: 'tick', now: Date.now() }), tickMs);

  return {
    started: ({ callId, server, tool, sideEffects, arguments: values }) => {
      hints.set(callId, argumentHint(values));
      for (const oldest of hints.keys()) if (hints.size > maxCalls) hints.delete(oldest);
      dispatch({ kind: 'started', call: { callId, server, tool, sideEffects, caller: callerName }, at: Date.now() });
    },
    progressed: (progress) => dispatch({ kind: 'progress', progress, at: Date.now() }),
    finished,
    ownFinished: (event) => {
      if (calls.some(({ callId }) => callId === event.callId)) finished(event);
      else stored.end(event);
    },
    showRuns: (next) => {
      // An agent that is away for a moment has not lost its past.
      if (next.length === 0) return;
      runs = next;
      draw();
    },
    follow: (next) => {
      if (next === agent) return;
      void stored.flush();
      agent = next;
      calls = next === undefined ? [] : stored.load(next);
      clearedAt = next === undefined ? 0 : stored.clearedAt(next);
      runs = [];
      hints.clear();
      results.clear();
      draw();
    },
    recall: (callId) => results.get(callId),
    dispose: () => {
      clearInterval(ticking);
      clearTimeout(drawing);
      void stored.flush();
      for (const registration of registrations) registration.dispose();
    },
  };
}

const callNode = z.object({ callId: z.string() });
