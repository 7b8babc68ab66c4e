// One open form of a tool, between its page and the agent: one run at a time, values kept for the next; it knows no vscode.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { cleanBlock, cleanLine } from '../results/clean-text.ts';
import type { OwnAdvice } from '../results/next-step.ts';
import type { RunView, ToForm } from './form-messages.ts';
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';
import type { OuterStepId } from './outer-step.ts';
import { parseArguments, parseToHost } from './parse-form-message.ts';
import { outcomeView, runningView } from './run-view.ts';
import type { ToolTarget } from './tool-caller.ts';
import { nameOf } from './tool-picks.ts';
import type { ToolRun } from './tool-run.ts';

const maxDescription = 8_000;

export interface FormSessionPorts {
  post(message: ToForm): void;
  /** Asks where that is needed; false when the tool should not run. */
  confirm(target: ToolTarget, values: JsonObject): Promise<boolean>;
  start(target: ToolTarget, values: JsonObject): ToolRun;
  showResult(event: ToolResultEvent): void;
  /** What to do about the error of a call, where the window knows it. */
  advise(event: ToolResultEvent): OwnAdvice | undefined;
  /** Of the reader's screen. */
  learnTimeZone(timeZone: string): void;
  takeStep(id: OuterStepId, target: ToolTarget): void;
  /** A run that may change something goes on after its form was closed. */
  followInBackground(run: ToolRun): void;
}

export class FormSession {
  readonly target: ToolTarget;
  readonly #ports: FormSessionPorts;
  #values: JsonObject | undefined;
  #revision: number;
  #view: RunView = { kind: 'idle' };
  #run: ToolRun | undefined;
  #latest: ToolResultEvent | undefined;
  #isClosed = false;

  /** `revision`: that of a form that comes back, so that its page goes on with what was typed. */
  constructor(options: {
    target: ToolTarget;
    values?: JsonObject | undefined;
    revision?: number | undefined;
    ports: FormSessionPorts;
  }) {
    this.target = options.target;
    this.#values = options.values;
    this.#revision = options.revision ?? 0;
    this.#ports = options.ports;
  }

  /** The form begins anew with these arguments. */
  startOver(values: JsonObject): void {
    this.#values = values;
    this.#revision++;
    this.show();
  }

  /** Takes what the page posted; anything else is ignored. */
  async receive(data: unknown): Promise<void> {
    const message = parseToHost(data);
    switch (message?.type) {
      case undefined:
        return;
      case 'ready':
        if (message.timeZone !== undefined) this.#ports.learnTimeZone(message.timeZone);
        return this.show();
      case 'run':
        return this.#runWith(parseArguments(message.arguments));
      case 'cancel':
        return this.#run?.cancel();
      case 'openResult':
        return this.#latest === undefined ? undefined : this.#ports.showResult(this.#latest);
      case 'step':
        return this.#ports.takeStep(message.id, this.target);
      case 'chooseTool':
        return;
    }
  }

  /** Cancels a run that only reads; one that can change things is handed over, since half of it may be done. */
  close(): void {
    this.#isClosed = true;
    const run = this.#run;
    if (run === undefined) return;
    if (this.target.tool.sideEffects === 'write') this.#ports.followInBackground(run);
    else run.cancel();
  }

  show(): void {
    const { server, tool } = this.target;
    const { name, description = '', inputSchema, sideEffects } = tool;
    this.#ports.post({
      type: 'show',
      revision: this.#revision,
      target: { server, tool: name },
      head: {
        server: cleanLine(server),
        name: cleanLine(name),
        title: nameOf(this.target),
        description: cleanBlock(description.slice(0, maxDescription)),
        sideEffects,
      },
      // It came as JSON; the contract leaves open what is in it.
      inputSchema: inputSchema as JsonObject,
      ...(this.#values !== undefined && { arguments: this.#values }),
      run: this.#view,
    });
  }

  async #runWith(values: JsonObject | undefined): Promise<void> {
    if (values === undefined || this.#run !== undefined || this.#view.kind === 'asking') return;
    const before = this.#view;
    this.#setView({ kind: 'asking' });
    if (!(await this.#ports.confirm(this.target, values)) || this.#isClosed) {
      this.#setView(before);
      return;
    }
    const run = this.#ports.start(this.target, values);
    this.#run = run;
    this.#setView(runningView(run));
    const end = run.onChange(() => this.#setView(runningView(run)));
    const event = await run.finished;
    end();
    this.#run = undefined;
    this.#latest = event;
    this.#setView(outcomeView(event, this.#ports.advise(event)));
    // A failure stays in the form, beside what may have to change; "Details" shows it as a result.
    // A possible write that was cancelled may have been done all the same.
    const isNothing = event.error?.code === 'cancelled' && this.target.tool.sideEffects === 'read';
    if (event.ok || (this.#isClosed && !isNothing)) this.#ports.showResult(event);
  }

  #setView(view: RunView): void {
    this.#view = view;
    if (!this.#isClosed) this.#ports.post({ type: 'run', run: view });
  }
}
