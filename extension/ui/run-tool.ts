// "RockBot: Run Tool…": picks a tool and opens its form, or runs it at once where there is nothing to fill in or to ask.
import { commands, type Disposable, type Uri } from 'vscode';
import type { HiddenTool, ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { busSteps } from '../connection/bus-steps.ts';
import { problemOf } from '../connection/problem.ts';
import { cleanLine } from '../results/clean-text.ts';
import type { OwnAdvice } from '../results/next-step.ts';
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';
import { stepForHidden, type OuterStepId } from '../tool-form/outer-step.ts';
import { parseSchema } from '../../shared/tool-schema/parse-schema.ts';
import { recentTools, rememberTool, type RecentToolsStore } from '../tool-form/recent-tools.ts';
import { takesNoArguments } from '../tool-form/schema-form.ts';
import type { ToolCaller, ToolPreset, ToolTarget } from '../tool-form/tool-caller.ts';
import { toolPicks } from '../tool-form/tool-picks.ts';
import { startToolRun, type ToolRun } from '../tool-form/tool-run.ts';
import { createConfirmRun } from './confirm-run.ts';
import { followRun } from './follow-run.ts';
import { pickTool } from './pick-tool.ts';
import { createToolFormPanels } from './tool-form-panel.ts';
import { showError, showInfo, showWarning } from './messages.ts';

export interface RunToolOptions {
  readonly extensionUri: Uri;
  readonly caller: ToolCaller;
  readonly recents: RecentToolsStore;
  /** How this program names itself on the bus, for outcomes that never reached the agent. */
  readonly source: string;
  /** Called when a run brought a result, when one without an open form failed, and on "Open Result" and "Details". */
  readonly showResult: (event: ToolResultEvent) => void;
  /** What to do about the error of a call, where this window knows it. */
  readonly advise: (event: ToolResultEvent) => OwnAdvice | undefined;
  /** Of the reader's screen, which a form's page tells. */
  readonly learnTimeZone: (timeZone: string) => void;
  readonly takeStep: (id: OuterStepId, target: { readonly server: string }) => void;
}

export interface RunTool extends Disposable {
  /** Without a preset the person picks a tool first. */
  run(preset?: ToolPreset): Promise<void>;
}

export function createRunTool(options: RunToolOptions): RunTool {
  const { caller, recents, source, showResult, advise, learnTimeZone, takeStep } = options;
  const confirm = createConfirmRun();
  /** What each tool was run with last, for its next form; in memory alone, since it may be personal. */
  const lastValues = new Map<string, JsonObject>();

  function start(target: ToolTarget, values: JsonObject): ToolRun {
    const { server, tool } = target;
    lastValues.set(keyOf(target), values);
    void rememberTool(recents, { server, tool: tool.name });
    return startToolRun({ caller, target, arguments: values, source });
  }

  const forms = createToolFormPanels({
    extensionUri: options.extensionUri,
    ports: {
      confirm,
      start,
      showResult,
      advise,
      learnTimeZone,
      takeStep,
      followInBackground: (toolRun) => void followRun(toolRun),
    },
  });

  async function runAtOnce(target: ToolTarget): Promise<void> {
    const event = await followRun(start(target, {}));
    if (event.error?.code !== 'cancelled') showResult(event);
  }

  async function explainHidden(server: string, hidden: HiddenTool): Promise<void> {
    const step = stepForHidden(hidden);
    const name = hidden.name === undefined ? `The tools of ${cleanLine(server)}` : cleanLine(hidden.name);
    const verb = hidden.name === undefined ? 'are' : 'is';
    const message = `${name} ${verb} not available: ${cleanLine(hidden.reason)}`;
    const chosen = await showInfo(message, step.label);
    if (chosen !== undefined) takeStep(step.id, { server });
  }

  async function runPreset({ server, tool, arguments: values }: ToolPreset): Promise<void> {
    const servers = await caller.list();
    const listed = servers.find(({ name }) => name === server);
    const found = listed?.tools.find(({ name }) => name === tool);
    if (found !== undefined) return openForm({ server, tool: found }, values);
    const hidden = listed?.hidden.find(({ name }) => name === tool || name === undefined);
    if (hidden !== undefined) return explainHidden(server, hidden);
    const choose = 'Choose Another Tool';
    const gone = `There is no tool "${cleanLine(tool)}" on ${cleanLine(server)} now.`;
    if ((await showWarning(gone, choose)) === choose) await run();
  }

  async function openForm(target: ToolTarget, values: JsonObject | undefined): Promise<void> {
    const isReady = target.tool.sideEffects === 'read' && takesNoArguments(parseSchema(target.tool.inputSchema));
    if (isReady && Object.keys(values ?? {}).length === 0) return runAtOnce(target);
    forms.open(target, values, lastValues.get(keyOf(target)));
  }

  async function pickAndOpen(): Promise<void> {
    const listing = caller.list().then((servers) => toolPicks(servers, recentTools(recents)));
    const picked = await pickTool(listing);
    if (picked?.kind === 'tool') await openForm(picked.target, undefined);
    else if (picked?.kind === 'hidden') await explainHidden(picked.server, picked.hidden);
  }

  async function run(preset?: ToolPreset): Promise<void> {
    try {
      await (preset === undefined ? pickAndOpen() : runPreset(preset));
    } catch (error) {
      await sayWhyNot(error);
    }
  }

  async function sayWhyNot(error: unknown): Promise<void> {
    const { message, action } = problemOf(error);
    const words = [message, action].filter(Boolean).join(' ');
    const steps = busSteps(error);
    const chosen = await showError(words, ...steps.map(({ label }) => label));
    const step = steps.find(({ label }) => label === chosen);
    if (step !== undefined) await commands.executeCommand(step.command);
  }

  return { run, dispose: () => forms.dispose() };
}

function keyOf({ server, tool }: ToolTarget): string {
  return JSON.stringify([server, tool.name]);
}
