// All MCP servers together: lists, calls, reads and cancels, and passes on how the sign-in is. It takes token providers and knows
// neither the bus nor how tokens come about.
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { startDeadline } from '../../shared/deadline.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import { asUnsent } from '../unsent-errors.ts';
import { AnswerMemory } from './answer-memory.ts';
import { ConfiguredServers } from './configured-servers.ts';
import { findServer, serversWith } from './find-server.ts';
import { runCall, type CallRequest, type CompletedCall } from './run-call.ts';
import { RunningCalls } from './running-calls.ts';
import { runRead, type ReadRequest } from './run-read.ts';
import type { ServerConnection } from './server-connection.ts';
import { ServerFactory, type ServerFactoryOptions } from './server-factory.ts';
import { signInError } from './sign-in-error.ts';
import type { ToolMemory } from './tool-memory.ts';

export interface BridgeOptions extends Omit<ServerFactoryOptions, 'answers' | 'signIn' | 'onRefused'> {
  defaultTimeoutMs: number;
  maxTimeoutMs: number;
  toolMemory: ToolMemory;
  /** Before a call that waits for the sign-in, within that call: whether the sign-in works again. */
  retrySignIn?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Servers, tools or states have changed; `removed` names servers that are gone. */
  onChange: (removed: readonly string[]) => void;
}

export interface Invocation extends CallRequest {
  /** May be left out when only one server offers the tool. */
  server?: string | undefined;
  /** Milliseconds. */
  timeoutMs?: number | undefined;
  /** Of the request that it came with. */
  requestBytes?: number | undefined;
  /** Ends the call with its reason, a RockBotError. */
  signal?: AbortSignal | undefined;
}

export interface Reading<Value> extends ReadRequest<Value> {
  server: string;
  /** Milliseconds. */
  timeoutMs?: number | undefined;
  /** Ends it with its reason, a RockBotError. */
  signal?: AbortSignal | undefined;
}

export class Bridge {
  readonly #options: BridgeOptions;
  readonly #servers: ConfiguredServers;
  readonly #running: RunningCalls;
  readonly #answers = new AnswerMemory();
  /** Of the last sign-in that is known of. */
  #generation: number | undefined;
  /** The account is connected, so that a refusal concerns the profile it was met with. */
  #isSignedIn = true;

  constructor(options: BridgeOptions) {
    const { profiles, lookupVariable, clock, toolMemory, logger, onChange } = options;
    this.#options = options;
    this.#running = new RunningCalls(clock);
    const factory = new ServerFactory({
      ...options,
      answers: this.#answers,
      signIn: () => this.#generation,
      onRefused: (profile, error) => {
        this.#profileRefused(profile, error);
      },
    });
    this.#servers = new ConfiguredServers({
      profiles: [...profiles.keys()],
      lookupVariable,
      connect: (name, entry, more) => factory.create(name, entry, more),
      toolMemory,
      logger,
      onChange,
    });
  }

  /** True once mcp.json was looked at. */
  get started(): boolean {
    return this.#servers.started;
  }

  /** Of mcp.json, and of what is kept of the budgets. */
  get problems(): readonly string[] {
    const ofBudget = this.#options.budget.problem;
    return ofBudget === undefined ? this.#servers.problems : [...this.#servers.problems, ofBudget];
  }

  /** True while mcp.json, which was there, is gone. */
  get isConfigMissing(): boolean {
    return this.#servers.isMissing;
  }

  /** Applies the text of mcp.json; see ConfiguredServers. */
  configure(text: string | undefined): void {
    this.#servers.configure(text);
  }

  /** The file is there but cannot be read, or is gone. */
  configUnreadable(code: string): void {
    this.#servers.unreadable(code);
  }

  authChanged(state: AuthState): void {
    this.#generation = state.generation;
    this.#isSignedIn = state.status === 'connected' || state.status === 'degraded';
    if (this.#isSignedIn) {
      for (const server of this.#servers.all()) server.authRestored();
      return;
    }
    const error = toWireError(signInError(state));
    for (const server of this.#servers.all()) server.authLost(error);
  }

  list(only?: string): ListedServer[] {
    return this.#servers.list(only);
  }

  /** Lists one server, or all of them, anew. */
  async refresh(name: string | undefined, signal: AbortSignal): Promise<void> {
    if (name !== undefined) {
      await this.#servers.named(name).refresh(signal);
      return;
    }
    await Promise.allSettled(this.#servers.all().map((server) => server.refresh(signal)));
  }

  /** Throws RockBotError for an unknown name and for an entry that cannot be used. */
  connection(name: string): ServerConnection {
    return this.#servers.named(name);
  }

  connections(): ServerConnection[] {
    return this.#servers.all();
  }

  /** Calls a tool. Throws RockBotError; the error of a result with `isError` carries that result. */
  invoke(invocation: Invocation): Promise<CompletedCall> {
    const { callId, server: name, tool, requestBytes, signal } = invocation;
    const timeoutMs = this.#timeoutFor(invocation);
    let isSent = false;
    const onSending = (): void => {
      isSent = true;
    };
    const running = this.#running.run({ callId, tool, timeoutMs, requestBytes, signal }, async (limits) => {
      if (this.#waitsForSignIn(name)) await this.#options.retrySignIn?.(limits.signal);
      const server = name === undefined ? findServer(tool, this.#servers.all()) : this.#servers.named(name);
      const { budget, clock, logger } = this.#options;
      return runCall(invocation, { server, budget, answers: this.#answers, clock, logger, onSending, ...limits });
    });
    return running.catch((error: unknown) => {
      throw isSent ? error : asUnsent(error);
    });
  }

  /** Reads a resource or a prompt. Throws RockBotError. */
  async read<Value>(reading: Reading<Value>): Promise<Value> {
    const { defaultTimeoutMs, maxTimeoutMs, budget } = this.#options;
    const server = this.#servers.named(reading.server);
    const timeoutMs = Math.min(reading.timeoutMs ?? server.entry.timeoutMs ?? defaultTimeoutMs, maxTimeoutMs);
    const message = `The ${reading.what} of "${server.name}" did not come within ${timeoutMs} ms.`;
    const late = (): RockBotError =>
      new RockBotError({ code: 'timeout', message, action: 'Try again, with more time.' });
    using deadline = startDeadline(timeoutMs, { reason: late, signal: reading.signal });
    return await runRead(reading, { server, budget, signal: deadline.signal });
  }

  /** Throws RockBotError when a call with this id is running. Whoever tells of calls asks before: the id is that other call's. */
  refuseDuplicate(callId: string): void {
    this.#running.refuseDuplicate(callId);
  }

  /** True for a tool that a server is known to have, callable or hidden. */
  knows(server: string, tool: string): boolean {
    const catalog = this.#servers.get(server)?.catalog;
    return catalog !== undefined && (catalog.tools.has(tool) || catalog.hidden.some(({ name }) => name === tool));
  }

  /** False when no such call was running. */
  cancel(callId: string): boolean {
    return this.#running.cancel(callId);
  }

  cancelAll(message: string): void {
    this.#running.cancelAll(message);
  }

  async close(): Promise<void> {
    this.cancelAll('The call was cancelled, because the agent is stopping.');
    await this.#servers.close();
  }

  /** Also of those servers that nobody calls now: their tools cannot be used either. */
  #profileRefused(profile: string, error: RockBotError): void {
    if (!this.#isSignedIn) return;
    const wire = toWireError(error);
    for (const server of this.#servers.all()) server.profileRefused(profile, wire);
  }

  /** Without a name: whether any server does. */
  #waitsForSignIn(name: string | undefined): boolean {
    const servers = name === undefined ? this.#servers.all() : [this.#servers.get(name)];
    return servers.some((server) => server?.state.status === 'auth_required');
  }

  #timeoutFor({ timeoutMs, server, tool }: Invocation): number {
    const { defaultTimeoutMs, maxTimeoutMs } = this.#options;
    const candidates = server === undefined ? serversWith(tool, this.#servers.all()) : [this.#servers.get(server)];
    const ofServer = candidates.length === 1 ? candidates[0]?.entry.timeoutMs : undefined;
    return Math.min(timeoutMs ?? ofServer ?? defaultTimeoutMs, maxTimeoutMs);
  }
}
