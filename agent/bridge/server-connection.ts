// One MCP server over its whole life: connects, lists, calls, loses, comes back. It runs the effects of `reduceServer`.
import type { Dispatcher } from 'undici';
import { abortable } from '../../shared/abort.ts';
import { backoffDelay } from '../../shared/backoff.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ListedServer, ListedTool } from '../../shared/contract/tool-messages.ts';
import { isSignInCode } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError, type WireError } from '../../shared/errors/wire-error.ts';
import type { CallLimits, ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import type { TokenProvider } from '../auth/token-provider.ts';
import type { Logger, LogLevel } from '../logger.ts';
import { assertAllowed } from './bearer.ts';
import type { BudgetUse } from './call-budget.ts';
import { CallQueue } from './call-queue.ts';
import type { CallResult } from './call-result.ts';
import { AnswerLostError, NotSentError, SessionLostError } from './call-errors.ts';
import { expandEntry } from './expanded-entry.ts';
import { FilledIn } from './filled-in.ts';
import type { Elicitations } from './elicitations.ts';
import type { McpSession, SessionCall } from './mcp-session.ts';
import type { ServerContent } from './server-content.ts';
import type { SentBearers } from './sent-bearers.ts';
import { ServerLog } from './server-log.ts';
import { reduceServer, type ServerEvent, type ServerState } from './server-state.ts';
import type { CallGuards, ServerGuards } from './server-guards.ts';
import { createCatalog, emptyCatalog, filterReason, type ToolCatalog } from './tool-catalog.ts';
import type { ToolMemory } from './tool-memory.ts';

export interface ServerConnectionOptions {
  name: string;
  entry: ServerEntry;
  tokens: TokenProvider | undefined;
  /** Bearers of its profile that servers were sent. */
  sent: SentBearers;
  dispatcher: () => Promise<Dispatcher>;
  /** Loading the MCP SDK takes so long that it waits for this. */
  mayLoad: Promise<void>;
  lookupVariable: (name: string) => string | undefined;
  guards: ServerGuards;
  callsToday: () => BudgetUse;
  toolMemory: Pick<ToolMemory, 'namesOf' | 'remember'>;
  /** Where the server's questions go. */
  elicitations: Elicitations;
  /** From which level on the agent logs. */
  logLevel: LogLevel;
  clock: Clock;
  logger: Logger;
  /** The state or the tools have changed. */
  onChange: () => void;
}

const retryBackoff = { baseMs: 500, maxMs: 60_000 };
/** Milliseconds in which further `list_changed` notifications are taken together. */
const listChangedDebounceMs = 100;
/** Where mcp.json has no limits. */
const defaultLimits = { concurrent: 64, queued: 2_000 };

export class ServerConnection {
  readonly name: string;
  readonly entry: ServerEntry;
  readonly queue: CallQueue;
  readonly #limits: CallLimits & typeof defaultLimits;
  readonly #options: ServerConnectionOptions;
  readonly #closing = new AbortController();
  /** What variables brought into the entry: no words of the server may repeat it (promise P6). */
  readonly #filledIn = new FilledIn();
  readonly #log: ServerLog;
  #state: ServerState;
  #catalog: ToolCatalog = emptyCatalog;
  #session: McpSession | undefined;
  /** The connect under way; replaced sessions are told apart by it. */
  #connecting: Promise<void> | undefined;
  /** Ends the wait for the next try. */
  #waiting: AbortController | undefined;
  #listTimer: ReturnType<typeof setTimeout> | undefined;
  #lastAttemptAt = 0;

  constructor(options: ServerConnectionOptions) {
    this.name = options.name;
    this.entry = options.entry;
    this.#limits = { ...defaultLimits, ...options.entry.limits };
    this.queue = new CallQueue({ server: options.name, ...this.#limits });
    this.#options = options;
    const mask = (text: string): string => this.#filledIn.mask(text);
    this.#log = new ServerLog({ server: options.name, logger: options.logger, clock: options.clock, mask });
    this.#state = options.entry.enabled ? { status: 'connecting', attempt: 0 } : { status: 'disabled' };
  }

  start(): void {
    if (this.#state.status === 'connecting') this.#connect();
  }

  get state(): ServerState {
    return this.#state;
  }

  get catalog(): ToolCatalog {
    return this.#catalog;
  }

  /** It takes a bearer of ours, so that its tools and answers mean what Microsoft says they mean. */
  get isWorkIq(): boolean {
    return this.#options.tokens !== undefined;
  }

  get isGuarded(): boolean {
    return this.#options.guards.areRestricting;
  }

  /** Throws RockBotError `guard_denied` when a guard does not let the call pass. */
  guard(
    tool: Pick<ListedTool, 'name' | 'sideEffects'>,
    args: Readonly<Record<string, unknown>>,
    own?: CallGuards,
  ): void {
    this.#options.guards.check(tool, args, own);
  }

  /** How the server is listed; while it cannot be called its tools are named as hidden. */
  listed(): ListedServer {
    const { entry, tokens, callsToday } = this.#options;
    const state = this.#state;
    const known = [...this.#catalog.tools.values()];
    const isReady = state.status === 'ready';
    const error = 'error' in state ? state.error : undefined;
    const missing =
      isReady || state.status === 'connecting'
        ? []
        : this.#knownNames().map((name) => ({
            name,
            code: hiddenCode(state.status),
            reason: error?.message ?? 'it is disabled in mcp.json',
          }));
    const whole =
      missing.length === 0 && error !== undefined ? [{ code: hiddenCode(state.status), reason: error.message }] : [];
    return {
      name: this.name,
      state: state.status,
      type: entry.type,
      ...(tokens !== undefined && { profile: tokens.profile }),
      ...(this.#session?.serverVersion !== undefined && { version: this.#session.serverVersion }),
      tools: isReady ? known : [],
      hidden: [...missing, ...whole, ...this.#catalog.hidden],
      limits: { ...this.#limits, running: this.queue.running, waiting: this.queue.waiting, ...callsToday() },
      ...(error !== undefined && { error }),
    };
  }

  /** Of tools that could be called; before the first listing since a start, those of the last one before it. */
  #knownNames(): string[] {
    const { tools, hidden } = this.#catalog;
    if (tools.size > 0 || hidden.length > 0) return [...tools.keys()];
    return this.#options.toolMemory.namesOf(this.name).filter((name) => filterReason(name, this.entry) === undefined);
  }

  /** The account was connected or a refresh succeeded again. */
  authRestored(): void {
    if (this.#options.tokens !== undefined) this.#dispatch({ type: 'auth_restored' });
  }

  authLost(error: WireError): void {
    const state = this.#state;
    // A later reason takes the place of an earlier one.
    const isKnown = state.status === 'auth_required' && state.error.message === error.message;
    if (this.#options.tokens !== undefined && !isKnown) this.#dispatch({ type: 'auth_lost', error });
  }

  /** Entra refuses the profile of the server while the account is connected; it is tried again after a back-off. */
  profileRefused(profile: string, error: WireError): void {
    if (this.#options.tokens?.profile === profile && this.#state.status === 'ready')
      this.#dispatch({ type: 'failed', error });
  }

  /** Connects or lists again now. Throws RockBotError, or the signal's reason. */
  async refresh(signal: AbortSignal): Promise<void> {
    if (this.#state.status !== 'ready') {
      this.#dispatch({ type: 'retry' });
      await abortable(this.#connecting ?? Promise.resolve(), signal);
      return;
    }
    try {
      await this.#list(signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw new RockBotError({ ...(await this.#describe(error)), cause: error });
    }
  }

  /** Waits for a connect under way. Throws RockBotError when the server cannot be called, or the signal's reason. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.#openSession(signal);
  }

  /**
   * Waits for a connect under way, then calls. One more try for a session that the server forgot, and for a read whose
   * answer was lost; never for what may have been run and may have side effects (promise P10).
   */
  async call(call: SessionCall, sideEffects: 'read' | 'write'): Promise<CallResult> {
    const session = await this.#openSession(call.signal);
    try {
      return await this.#send(session, call);
    } catch (error) {
      if (error instanceof NotSentError) this.#lost(session, error);
      if (error instanceof SessionLostError) {
        this.#lost(session, error);
        if (sideEffects === 'write' && !error.provesNotRun) throw error;
      } else if (!(error instanceof AnswerLostError) || sideEffects === 'write') throw error;
      const next = await this.#openSession(call.signal);
      call.observer?.retried(error instanceof SessionLostError ? 'session_lost' : 'answer_lost');
      return this.#send(next, call);
    }
  }

  /** Requests over HTTP are told of one by one, where they are sent. */
  async #send(session: McpSession, call: SessionCall): Promise<CallResult> {
    if (this.entry.type === 'streamable-http') return session.call(call);
    const sending = call.observer?.sending();
    try {
      const result = await session.call({ ...call, trace: sending?.headers });
      sending?.answered();
      return result;
    } catch (error) {
      sending?.failed(error);
      throw error;
    }
  }

  /**
   * Reads something beside tools; once more in a new session when this one is lost, since reading changes nothing. `what`: for
   * messages. Throws RockBotError, or the signal's reason.
   */
  async read<T>(run: (content: ServerContent) => Promise<T>, what: string, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const session = await this.#openSession(signal);
      try {
        return await session.read(run);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        const { isLostSession, readError } = await import('./read-error.ts');
        if (isLostSession(error)) this.#lost(session, new SessionLostError(true));
        if (attempt === 1 && isLostSession(error)) continue;
        throw this.withoutVariables(readError(error, { server: this.name, what }));
      }
    }
  }

  /** The error as it may be told: a server's page or message may repeat the url or the headers it was sent. */
  withoutVariables(error: RockBotError): RockBotError {
    return this.#filledIn.maskIn(error);
  }

  /** The same of any text of the server. */
  mask(text: string): string {
    return this.#filledIn.mask(text);
  }

  async close(): Promise<void> {
    this.#closing.abort(
      new RockBotError({
        code: 'server_unavailable',
        message: `The server "${this.name}" was removed or the agent is stopping.`,
      }),
    );
    this.#waiting?.abort();
    clearTimeout(this.#listTimer);
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
    this.#log.close();
  }

  async #openSession(signal: AbortSignal): Promise<McpSession> {
    if (this.#session !== undefined && this.#state.status === 'ready') return this.#session;
    // Somebody waits: a server that is out of reach is tried now rather than after its back-off, but not in a rush.
    const mayRetry =
      this.#state.status === 'unavailable' && this.#options.clock.now() - this.#lastAttemptAt > retryBackoff.baseMs;
    if (mayRetry) this.#dispatch({ type: 'retry' });
    if (this.#connecting !== undefined) await abortable(this.#connecting, signal);
    if (this.#session !== undefined && this.#state.status === 'ready') return this.#session;
    throw this.#unavailable();
  }

  #unavailable(): RockBotError {
    const state = this.#state;
    if (state.status === 'disabled') {
      return new RockBotError({
        code: 'server_unavailable',
        retryable: false,
        message: `The server "${this.name}" is disabled.`,
        action: 'Enable it in mcp.json.',
      });
    }
    if ('error' in state) return new RockBotError({ ...state.error });
    return new RockBotError({
      code: 'server_unavailable',
      message: `The server "${this.name}" is not connected.`,
      action: 'Try again.',
    });
  }

  #connect(): void {
    this.#waiting?.abort();
    this.#lastAttemptAt = this.#options.clock.now();
    // Of two connects under way the later one counts.
    const isCurrent = (): boolean => this.#connecting === connecting;
    const connecting = this.#openAnew(isCurrent).then(
      () => {
        if (!isCurrent()) return;
        this.#connecting = undefined;
        this.#dispatch({ type: 'connected' });
      },
      async (error: unknown) => {
        const wire = await this.#describe(error);
        if (!isCurrent()) return;
        this.#connecting = undefined;
        if (this.#closing.signal.aborted) return;
        // That nobody has signed in yet is told by the auth state, not once per server and try.
        this.#options.logger[isSignInCode(wire.code) ? 'debug' : 'warn']('A server cannot be used yet.', {
          server: this.name,
          code: wire.code,
          why: wire.message,
        });
        this.#dispatch({ type: 'failed', error: wire });
      },
    );
    this.#connecting = connecting;
  }

  /** Once more at once when the server forgot the session while it was being made. */
  async #openAnew(isCurrent: () => boolean): Promise<void> {
    try {
      await this.#open(isCurrent);
    } catch (error) {
      const { isForgottenSession } = await import('./connect-error.ts');
      if (!isForgottenSession(error) || !isCurrent() || this.#closing.signal.aborted) throw error;
      await this.#open(isCurrent);
    }
  }

  async #open(isCurrent: () => boolean): Promise<void> {
    const { entry, tokens, dispatcher, lookupVariable } = this.#options;
    const expanded = expandEntry(entry, this.#filledIn.watch(lookupVariable));
    if (expanded.type !== 'stdio') this.#filledIn.allow(expanded.url.host);
    if (tokens !== undefined && expanded.type !== 'stdio') assertAllowed(tokens, expanded.url, this.name);
    let opened: McpSession | undefined;
    await this.#options.mayLoad;
    // The MCP SDK is loaded with the first server, not with the agent.
    const { openMcpSession } = await import('./mcp-session.ts');
    const session = await openMcpSession({
      server: this.name,
      entry: expanded,
      tokens,
      dispatcher: await dispatcher(),
      sent: this.#options.sent,
      signal: this.#closing.signal,
      onToolsChanged: () => {
        this.#listSoon();
      },
      onQuestion: async (params, about) => {
        const { answerQuestion } = await import('./answer-question.ts');
        const { elicitations, logger } = this.#options;
        const mask = (text: string): string => this.#filledIn.mask(text);
        return answerQuestion(params, { server: this.name, elicitations, logger, mask, ...about });
      },
      onLog: (params) => {
        this.#log.heard(params);
      },
      logLevel: this.#options.logLevel,
      onClosed: () => {
        if (opened !== undefined) this.#lost(opened, new Error('The connection was closed.'));
      },
    });
    opened = session;
    try {
      const tools = await session.listTools(this.#closing.signal);
      if (this.#closing.signal.aborted || !isCurrent()) {
        await session.close();
        return;
      }
      this.#setCatalog(tools);
      this.#session = session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  #lost(session: McpSession, error: Error): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    void session.close();
    if (error instanceof SessionLostError) {
      this.#dispatch({ type: 'session_forgotten' });
      return;
    }
    void this.#describe(error).then((described) => {
      this.#dispatch({ type: 'lost', error: described });
    });
  }

  async #describe(error: unknown): Promise<WireError> {
    const { connectError } = await import('./connect-error.ts');
    return toWireError(this.withoutVariables(connectError(error, this.name)));
  }

  #listSoon(): void {
    clearTimeout(this.#listTimer);
    this.#listTimer = setTimeout(() => {
      this.#list(this.#closing.signal).catch(() => undefined);
    }, listChangedDebounceMs);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    try {
      const tools = await session.listTools(signal);
      if (this.#session !== session) return;
      this.#setCatalog(tools);
      this.#options.onChange();
    } catch (error) {
      if (!signal.aborted && this.#session === session) await this.#listFailed(session, error, signal);
      else throw error;
    }
  }

  /** A server that came back meanwhile lists in a new session; one that is gone is looked for from now on. */
  async #listFailed(session: McpSession, error: unknown, signal: AbortSignal): Promise<void> {
    const { isForgottenSession, networkCodeOf } = await import('./connect-error.ts');
    if (isForgottenSession(error)) {
      this.#lost(session, new SessionLostError(true));
      await this.#openSession(signal);
      return;
    }
    if (networkCodeOf(error) !== undefined) this.#lost(session, error as Error);
    throw error;
  }

  #setCatalog(tools: Parameters<typeof createCatalog>[0]): void {
    this.#catalog = createCatalog(tools, { filter: this.entry, isWorkIq: this.isWorkIq, guards: this.#options.guards });
    this.#options.toolMemory.remember(this.name, [...this.#catalog.tools.keys()]);
  }

  #dispatch(event: ServerEvent): void {
    if (this.#closing.signal.aborted) return;
    const { state, effects } = reduceServer(this.#state, event);
    this.#state = state;
    for (const effect of effects) {
      if (effect.type === 'connect') this.#connect();
      else if (effect.type === 'close') {
        const session = this.#session;
        this.#session = undefined;
        void session?.close();
      } else this.#retryAfter(backoffDelay(effect.attempt, retryBackoff));
    }
    this.#options.onChange();
  }

  #retryAfter(delayMs: number): void {
    this.#waiting?.abort();
    this.#waiting = new AbortController();
    this.#options.clock.sleep(delayMs, this.#waiting.signal).then(
      () => {
        this.#dispatch({ type: 'retry' });
      },
      () => undefined,
    );
  }
}

function hiddenCode(status: ServerState['status']): 'auth_required' | 'disabled' | 'invalid' | 'unavailable' {
  return status === 'auth_required' || status === 'disabled' || status === 'invalid' ? status : 'unavailable';
}
