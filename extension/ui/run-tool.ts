// "RockBot: Run Tool…": picks a tool and opens its form, or runs it at once where there is nothing to fill in or to ask.
import { commands, type Disposable, type Uri, type WebviewPanel } from 'vscode';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { HiddenTool, ListedServer, ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { busSteps } from '../connection/bus-steps.ts';
import type { FirstWord } from '../connection/first-word.ts';
import { problemOf } from '../connection/problem.ts';
import type { OwnAdvice } from '../results/next-step.ts';
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';
import { stepForHidden, type OuterStepId } from '../tool-form/outer-step.ts';
import { parseSchema } from '../../shared/tool-schema/parse-schema.ts';
import { goneText, hiddenText } from '../tool-form/restored-form.ts';
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
import { waitForAgent } from './wait-for-agent.ts';

export interface RunToolOptions {
  readonly extensionUri: Uri;
  readonly caller: ToolCaller;
  /** As the agent last told them; undefined while it has not. */
  readonly servers: () => readonly ListedServer[] | undefined;
  readonly firstWord: Pick<FirstWord, 'isComing' | 'wait'>;
  readonly recents: RecentToolsStore;
  /** How this program names itself on the bus, for outcomes that never reached the agent. */
  readonly source: string;
  /** Called when a run brought a result, when one without an open form failed, and on "Open Result" and "Details". */
  readonly showResult: (event: ToolResultEvent) => void;
  /** What to do about the error of a call, where this window knows it. */
  readonly advise: (event: ToolResultEvent) => OwnAdvice | undefined;
  /** Of the agent's sign-in, where it is known. */
  readonly signInStatus: () => AuthState['status'] | undefined;
  /** Of the reader's screen, which a form's page tells. */
  readonly learnTimeZone: (timeZone: string) => void;
  readonly takeStep: (id: OuterStepId, target: { readonly server: string }) => void;
}

export interface RunTool extends Disposable {
  /** Without a preset the person picks a tool first. */
  run(preset?: ToolPreset): Promise<void>;
  /** A form comes back after a reload of the window. */
  restore(panel: WebviewPanel, state: unknown): void;
  /** The agent has told something. */
  changed(): void;
}

export function createRunTool(options: RunToolOptions): RunTool {
  const { caller, servers, firstWord, recents, source, showResult, advise, signInStatus, learnTimeZone, takeStep } =
    options;
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
    servers,
    chooseTool: () => void run(),
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
    const step = stepForHidden(hidden, signInStatus());
    const chosen = await showInfo(hiddenText(server, hidden), step.label);
    if (chosen !== undefined) takeStep(step.id, { server });
  }

  async function runPreset({ server, tool, arguments: values }: ToolPreset): Promise<void> {
    if (!(await waitForAgent(firstWord))) return;
    const listed = (await caller.list()).find(({ name }) => name === server);
    const found = listed?.tools.find(({ name }) => name === tool);
    if (found !== undefined) return openForm({ server, tool: found }, values);
    const hidden = listed?.hidden.find(({ name }) => name === tool || name === undefined);
    if (hidden !== undefined) return explainHidden(server, hidden);
    const choose = 'Choose Another Tool';
    if ((await showWarning(goneText({ server, tool }), choose)) === choose) await run();
  }

  async function openForm(target: ToolTarget, values: JsonObject | undefined): Promise<void> {
    const isReady = target.tool.sideEffects === 'read' && takesNoArguments(parseSchema(target.tool.inputSchema));
    if (isReady && Object.keys(values ?? {}).length === 0) return runAtOnce(target);
    forms.open(target, values, lastValues.get(keyOf(target)));
  }

  async function pickAndOpen(): Promise<void> {
    // The list is there at once and says that it is busy; who leaves it ends the wait.
    const left = new AbortController();
    const listing = firstWord
      .wait(left.signal)
      .then(() => caller.list())
      .then((listed) => toolPicks(listed, recentTools(recents)));
    const picked = await pickTool(listing).finally(() => left.abort());
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

  return { run, restore: forms.restore, changed: forms.changed, dispose: () => forms.dispose() };
}

function keyOf({ server, tool }: ToolTarget): string {
  return JSON.stringify([server, tool.name]);
}
