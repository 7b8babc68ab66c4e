// All MCP servers together: follows mcp.json, lists, calls and cancels. It takes token providers and knows neither the bus nor
// how tokens come about.
import type { Dispatcher } from 'undici';
import type { Clock } from '../../shared/clock.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Guards } from '../../shared/guards/parse-guards.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import { parseMcpConfig } from '../../shared/mcp-config/parse-mcp-config.ts';
import type { ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import { redact } from '../../shared/redaction.ts';
import type { TokenProvider } from '../auth/token-provider.ts';
import type { Logger, LogLevel } from '../logger.ts';
import type { CallBudget } from './call-budget.ts';
import type { Elicitations } from './elicitations.ts';
import { ambiguousTool, unknownServer, unknownTool } from './lookup-errors.ts';
import { runCall, type CallRequest, type CompletedCall } from './run-call.ts';
import { ServerConnection } from './server-connection.ts';
import { ServerGuards } from './server-guards.ts';
import { SentBearers } from './sent-bearers.ts';
import { ServerTokens } from './server-tokens.ts';
import type { ToolMemory } from './tool-memory.ts';
import { watchedProfile } from './watched-profile.ts';

export interface BridgeOptions {
  profiles: ReadonlyMap<string, TokenProvider>;
  /** Guards of profiles, for every server that uses them. */
  profileGuards: ReadonlyMap<string, Guards>;
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

export class Bridge {
  readonly #options: BridgeOptions;
  readonly #servers = new Map<string, ServerConnection>();
  /** Entries of mcp.json that cannot be used and have no good predecessor, with their problems. */
  readonly #invalid = new Map<string, string[]>();
  readonly #running = new Map<string, AbortController>();
  #problems: string[] = [];
  /** Of the last sign-in that is known of. */
  #generation: number | undefined;
  #configured = false;
  /** The account is connected, so that a refusal concerns the profile it was met with. */
  #isSignedIn = true;
  readonly #profiles: ReadonlyMap<string, TokenProvider>;
  readonly #sent: ReadonlyMap<string, SentBearers>;

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#sent = new Map([...options.profiles.keys()].map((name) => [name, new SentBearers()]));
    this.#profiles = new Map(
      [...options.profiles].map(([name, tokens]) => [
        name,
        watchedProfile(tokens, (error) => {
          this.#profileRefused(name, error);
        }),
      ]),
    );
  }

  /** True once mcp.json was looked at. */
  get started(): boolean {
    return this.#configured;
  }

  get problems(): readonly string[] {
    return this.#problems;
  }

  /**
   * Applies the text of mcp.json; what is wrong in it keeps the last good state of what it concerns, except that a restriction
   * which cannot be read stops its server. Without a file there are no servers.
   */
  configure(text: string | undefined): void {
    this.#configured = true;
    const parsed = parseMcpConfig(text ?? '{}', { profiles: [...this.#options.profiles.keys()] });
    if (!parsed.ok) {
      this.#setProblems([`mcp.json is not in force: ${parsed.problem}`]);
      return;
    }
    const problems: string[] = [];
    this.#invalid.clear();
    for (const { name, entry, problems: found, mustStop } of parsed.servers) {
      problems.push(...found.map((problem) => `${name}: ${problem}`));
      if (mustStop) this.#drop(name);
      if (entry !== undefined) this.#put(name, entry);
      else if (!this.#servers.has(name)) this.#invalid.set(name, found);
    }
    const named = new Set(parsed.servers.map(({ name }) => name));
    const removed = [...this.#servers.keys()].filter((name) => !named.has(name));
    for (const name of removed) {
      this.#drop(name);
      this.#options.toolMemory.forget(name);
    }
    this.#setProblems(problems, removed);
  }

  /** The file is there but cannot be read. */
  configUnreadable(code: string): void {
    this.#setProblems([`mcp.json cannot be read (${code})`]);
  }

  authChanged(state: AuthState): void {
    this.#generation = state.generation;
    this.#isSignedIn = state.status === 'connected' || state.status === 'degraded';
    if (this.#isSignedIn) {
      for (const server of this.#servers.values()) server.authRestored();
      return;
    }
    const error = toWireError(
      new RockBotError({
        code: (state.reason?.code as RockBotError['code'] | undefined) ?? 'auth_required',
        message: state.reason?.message ?? 'Nobody has connected Microsoft 365 to this agent yet.',
        action: state.reason?.action ?? 'Run "rockbot auth workiq", or "RockBot: Connect M365" in VS Code.',
      }),
    );
    for (const server of this.#servers.values()) server.authLost(error);
  }

  /** Also of those servers that nobody calls now: their tools cannot be used either. */
  #profileRefused(profile: string, error: RockBotError): void {
    if (!this.#isSignedIn) return;
    const wire = toWireError(error);
    for (const server of this.#servers.values()) server.profileRefused(profile, wire);
  }

  list(only?: string): ListedServer[] {
    const servers = [...this.#servers.values()].map((server) => server.listed());
    const invalid = [...this.#invalid].map(([name, problems]) => invalidServer(name, problems));
    return [...servers, ...invalid]
      .filter(({ name }) => only === undefined || name === only)
      .sort((left, right) => left.name.localeCompare(right.name));
  }

  /** Lists one server, or all of them, anew. */
  async refresh(name: string | undefined, signal: AbortSignal): Promise<void> {
    if (name !== undefined) {
      await this.#server(name).refresh(signal);
      return;
    }
    await Promise.allSettled([...this.#servers.values()].map((server) => server.refresh(signal)));
  }

  /** Throws RockBotError for an unknown name and for an entry that cannot be used. */
  connection(name: string): ServerConnection {
    return this.#server(name);
  }

  connections(): ServerConnection[] {
    return [...this.#servers.values()];
  }

  /** Calls a tool. Throws RockBotError; the error of a result with `isError` carries that result. */
  async invoke(invocation: Invocation): Promise<CompletedCall> {
    const { callId, signal: ending } = invocation;
    this.refuseDuplicate(callId);
    const controller = new AbortController();
    this.#running.set(callId, controller);
    const timeoutMs = this.#timeoutFor(invocation);
    const timer = setTimeout(() => {
      controller.abort(timeOver(invocation.tool, timeoutMs));
    }, timeoutMs);
    const end = (): void => {
      controller.abort(ending?.reason);
    };
    ending?.addEventListener('abort', end, { once: true });
    const { budget, clock, logger } = this.#options;
    const deadline = clock.now() + timeoutMs;
    try {
      ending?.throwIfAborted();
      if (this.#waitsForSignIn(invocation.server)) await this.#options.retrySignIn?.(controller.signal);
      const server =
        invocation.server === undefined ? this.#onlyServerWith(invocation.tool) : this.#server(invocation.server);
      return await runCall(invocation, { server, budget, clock, logger, deadline, signal: controller.signal });
    } finally {
      clearTimeout(timer);
      ending?.removeEventListener('abort', end);
      this.#running.delete(callId);
    }
  }

  /** Throws RockBotError when a call with this id is running. Whoever tells of calls asks before: the id is that other call's. */
  refuseDuplicate(callId: string): void {
    if (!this.#running.has(callId)) return;
    throw new RockBotError({
      code: 'invalid_request',
      message: `A call with the id ${callId} is running already.`,
      action: 'Give each call an id of its own.',
    });
  }

  /** True for a tool that a server is known to have, callable or hidden. */
  knows(server: string, tool: string): boolean {
    const catalog = this.#servers.get(server)?.catalog;
    return catalog !== undefined && (catalog.tools.has(tool) || catalog.hidden.some(({ name }) => name === tool));
  }

  /** False when no such call was running. */
  cancel(callId: string): boolean {
    const controller = this.#running.get(callId);
    controller?.abort(
      new RockBotError({ code: 'cancelled', message: 'The call was cancelled.', action: 'Call again if you need it.' }),
    );
    return controller !== undefined;
  }

  cancelAll(message: string): void {
    for (const controller of this.#running.values())
      controller.abort(new RockBotError({ code: 'cancelled', message, action: 'Call again later.' }));
  }

  async close(): Promise<void> {
    this.cancelAll('The call was cancelled, because the agent is stopping.');
    const servers = [...this.#servers.values()];
    this.#servers.clear();
    await Promise.allSettled(servers.map((server) => server.close()));
  }

  #server(name: string): ServerConnection {
    const server = this.#servers.get(name);
    if (server !== undefined) return server;
    const problems = this.#invalid.get(name);
    if (problems !== undefined) throw new RockBotError({ ...invalidServer(name, problems).error });
    throw unknownServer(name, [...this.#servers.keys()]);
  }

  /** Without a name: whether any server does. */
  #waitsForSignIn(name: string | undefined): boolean {
    const servers = name === undefined ? [...this.#servers.values()] : [this.#servers.get(name)];
    return servers.some((server) => server?.state.status === 'auth_required');
  }

  #serversWith(tool: string): ServerConnection[] {
    return [...this.#servers.values()].filter((server) => server.catalog.tools.has(tool));
  }

  #onlyServerWith(tool: string): ServerConnection {
    const having = this.#serversWith(tool);
    const [only] = having;
    if (only !== undefined && having.length === 1) return only;
    const [single] = this.#servers.values();
    if (having.length === 0 && single !== undefined && this.#servers.size === 1) return single;
    if (having.length > 1)
      throw ambiguousTool(
        tool,
        having.map(({ name }) => name),
      );
    throw unknownTool(
      undefined,
      tool,
      [...this.#servers.values()].flatMap((server) => [...server.catalog.tools.keys()]),
    );
  }

  #timeoutFor({ timeoutMs, server, tool }: Invocation): number {
    const { defaultTimeoutMs, maxTimeoutMs } = this.#options;
    const candidates = server === undefined ? this.#serversWith(tool) : [this.#servers.get(server)];
    const ofServer = candidates.length === 1 ? candidates[0]?.entry.timeoutMs : undefined;
    return Math.min(timeoutMs ?? ofServer ?? defaultTimeoutMs, maxTimeoutMs);
  }

  #put(name: string, entry: ServerEntry): void {
    const existing = this.#servers.get(name);
    if (existing !== undefined && JSON.stringify(existing.entry) === JSON.stringify(entry)) return;
    if (existing !== undefined) this.#drop(name);
    const { profiles: _profiles, profileGuards, onChange, budget, ...rest } = this.#options;
    const profile = entry.type === 'stdio' ? undefined : entry.auth?.profile;
    const tokens = profile === undefined ? undefined : this.#profiles.get(profile);
    const connection = new ServerConnection({
      ...rest,
      name,
      entry,
      sent: this.#sent.get(profile ?? '') ?? new SentBearers(),
      tokens: tokens && new ServerTokens(tokens, { clock: rest.clock, signIn: () => this.#generation }),
      guards: new ServerGuards({
        server: name,
        entry,
        profile: profile === undefined ? undefined : { name: profile, guards: profileGuards.get(profile) },
      }),
      callsToday: () => budget.use(name),
      onChange: () => {
        if (this.#servers.get(name) === connection) onChange([]);
      },
    });
    this.#servers.set(name, connection);
    connection.start();
  }

  #drop(name: string): void {
    const server = this.#servers.get(name);
    this.#servers.delete(name);
    void server?.close();
  }

  #setProblems(problems: string[], removed: readonly string[] = []): void {
    const isNews = JSON.stringify(problems) !== JSON.stringify(this.#problems);
    this.#problems = problems.map((problem) => redact(problem));
    if (isNews && problems.length > 0)
      this.#options.logger.error('mcp.json has problems; what they concern keeps its last good state, if it had one.', {
        problems,
      });
    this.#options.onChange(removed);
  }
}

function timeOver(tool: string, timeoutMs: number): RockBotError {
  return new RockBotError({
    code: 'timeout',
    message: `"${tool}" did not answer within ${timeoutMs} ms.`,
    action: 'Ask for less, or give the call more time.',
  });
}

function invalidServer(
  name: string,
  problems: readonly string[],
): ListedServer & { error: ReturnType<typeof toWireError> } {
  const error = toWireError(
    new RockBotError({
      code: 'server_unavailable',
      retryable: false,
      message: `The entry of "${name}" in mcp.json cannot be used: ${problems.join('; ')}.`,
      action: 'Correct mcp.json; it is read again by itself.',
    }),
  );
  return {
    name,
    state: 'invalid',
    type: 'unknown',
    tools: [],
    hidden: [{ code: 'invalid', reason: problems.join('; ') }],
    error,
  };
}
