// All MCP servers together: lists, calls, reads and cancels, and passes on how the sign-in is. It takes token providers and knows
// neither the bus nor how tokens come about.
import type { Dispatcher } from 'undici';
import type { Clock } from '../../shared/clock.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { startDeadline } from '../../shared/deadline.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import type { Guards } from '../../shared/guards/parse-guards.ts';
import type { ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import type { TokenProvider } from '../auth/token-provider.ts';
import type { Logger, LogLevel } from '../logger.ts';
import type { CallBudget, SharedAccount } from './call-budget.ts';
import { ConfiguredServers, type ConnectOptions } from './configured-servers.ts';
import type { Elicitations } from './elicitations.ts';
import { findServer, serversWith } from './find-server.ts';
import { runCall, type CallRequest, type CompletedCall } from './run-call.ts';
import { RunningCalls } from './running-calls.ts';
import { runRead, type ReadRequest } from './run-read.ts';
import { SentBearers } from './sent-bearers.ts';
import { ServerConnection } from './server-connection.ts';
import { ServerGuards } from './server-guards.ts';
import { ServerTokens } from './server-tokens.ts';
import { sharedAccounts } from './shared-accounts.ts';
import type { ToolMemory } from './tool-memory.ts';
import { watchedProfile } from './watched-profile.ts';

export interface BridgeOptions {
  profiles: ReadonlyMap<string, TokenProvider>;
  /** Guards of profiles, for every server that uses them. */
  profileGuards: ReadonlyMap<string, Guards>;
  /** Calls per UTC day of profiles, of every server that uses them together. */
  profileLimits?: ReadonlyMap<string, SharedAccount['limits']> | undefined;
  dispatcher: () => Promise<Dispatcher>;
  /** No server is connected before this resolves. */
  mayLoad: Promise<void>;
  lookupVariable: (name: string) => string | undefined;
  defaultTimeoutMs: number;
  maxTimeoutMs: number;
  budget: CallBudget;
  toolMemory: ToolMemory;
  /** Where questions of servers go. */
  elicitations: Elicitations;
  /** Before a call that waits for the sign-in, within that call: whether the sign-in works again. */
  retrySignIn?: ((signal: AbortSignal) => Promise<void>) | undefined;
  logLevel: LogLevel;
  clock: Clock;
  logger: Logger;
  /** Servers, tools or states have changed; `removed` names servers that are gone. */
  onChange: (removed: readonly string[]) => void;
}

export interface Invocation extends CallRequest {
  /** May be left out when only one server offers the tool. */
  server?: string | undefined;
  /** Milliseconds. */
  timeoutMs?: number | undefined;
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
  readonly #profiles: ReadonlyMap<string, TokenProvider>;
  /** Bearers of each profile that servers were sent. */
  readonly #sent: ReadonlyMap<string, SentBearers>;
  /** Of the last sign-in that is known of. */
  #generation: number | undefined;
  /** The account is connected, so that a refusal concerns the profile it was met with. */
  #isSignedIn = true;

  constructor(options: BridgeOptions) {
    const { profiles, clock, toolMemory, logger, onChange } = options;
    this.#options = options;
    this.#running = new RunningCalls(clock);
    this.#sent = new Map([...profiles.keys()].map((name) => [name, new SentBearers()]));
    this.#profiles = new Map(
      [...profiles].map(([name, tokens]) => [
        name,
        watchedProfile(tokens, (error) => {
          this.#profileRefused(name, error);
        }),
      ]),
    );
    const connect = (name: string, entry: ServerEntry, more: ConnectOptions): ServerConnection =>
      this.#connect(name, entry, more);
    this.#servers = new ConfiguredServers({
      profiles: [...profiles.keys()],
      lookupVariable: options.lookupVariable,
      connect,
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
    const error = toWireError(
      new RockBotError({
        code: (state.reason?.code as RockBotError['code'] | undefined) ?? 'auth_required',
        message: state.reason?.message ?? 'Nobody has connected Microsoft 365 to this agent yet.',
        action: state.reason?.action ?? 'Run "rockbot auth workiq", or "RockBot: Connect M365" in VS Code.',
      }),
    );
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
    const { callId, server: name, tool, signal } = invocation;
    const timeoutMs = this.#timeoutFor(invocation);
    return this.#running.run({ callId, tool, timeoutMs, signal }, async (limits) => {
      if (this.#waitsForSignIn(name)) await this.#options.retrySignIn?.(limits.signal);
      const server = name === undefined ? findServer(tool, this.#servers.all()) : this.#servers.named(name);
      const { budget, clock, logger } = this.#options;
      return runCall(invocation, { server, budget, clock, logger, ...limits });
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

  #connect(name: string, entry: ServerEntry, { inherited, onChange }: ConnectOptions): ServerConnection {
    const { profileGuards, profileLimits, budget, ...shared } = this.#options;
    const profile = entry.type === 'stdio' ? undefined : entry.auth?.profile;
    const tokens = profile === undefined ? undefined : this.#profiles.get(profile);
    const account = profile === undefined ? undefined : { name: profile, limits: profileLimits?.get(profile) };
    budget.share(name, sharedAccounts({ profile: account, inherited }));
    return new ServerConnection({
      ...shared,
      name,
      entry,
      tokens: tokens && new ServerTokens(tokens, { clock: shared.clock, signIn: () => this.#generation }),
      sent: this.#sent.get(profile ?? '') ?? new SentBearers(),
      guards: new ServerGuards({
        server: name,
        entry,
        profile: profile === undefined ? undefined : { name: profile, guards: profileGuards.get(profile) },
        inherited: inherited.entries,
      }),
      callsToday: () => budget.use(name),
      onChange,
    });
  }
}
