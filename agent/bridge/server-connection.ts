// One MCP server over its whole life: connects, lists, calls, loses, comes back. It runs the effects of `reduceServer`.
import { backoffDelay } from '../../shared/backoff.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ListedServer, ListedTool } from '../../shared/contract/tool-messages.ts';
import { isSignInCode } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError, type WireError } from '../../shared/errors/wire-error.ts';
import type { CallLimits, ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import type { Logger } from '../logger.ts';
import type { BudgetUse } from './call-budget.ts';
import { SessionLostError } from './call-errors.ts';
import { CallQueue } from './call-queue.ts';
import type { CallResult } from './call-result.ts';
import { ConnectAttempts } from './connect-attempts.ts';
import type { Elicitations } from './elicitations.ts';
import { ExpandedSecrets } from './expanded-secrets.ts';
import type { ListedTools } from './list-tools.ts';
import type { McpSession, SessionCall } from './mcp-session.ts';
import { openSession, type OpenedSession, type OpenSessionOptions } from './open-session.ts';
import type { ServerContent } from './server-content.ts';
import type { CallGuards, ServerGuards } from './server-guards.ts';
import { listedServer } from './server-listing.ts';
import { ServerLog } from './server-log.ts';
import { reduceServer, type ServerEffect, type ServerEvent, type ServerState } from './server-state.ts';
import { callInSession, readInSession, type SessionKeeper } from './session-retry.ts';
import { createCatalog, emptyCatalog, type ToolCatalog } from './tool-catalog.ts';
import { ToolListing } from './tool-listing.ts';
import type { ToolMemory } from './tool-memory.ts';

export interface ServerConnectionOptions extends Omit<OpenSessionOptions, 'secrets' | 'handlers'> {
  guards: ServerGuards;
  callsToday: () => BudgetUse;
  toolMemory: Pick<ToolMemory, 'namesOf' | 'remember'>;
  /** Where the server's questions go. */
  elicitations: Elicitations;
  clock: Clock;
  logger: Logger;
  /** The state or the tools have changed. */
  onChange: () => void;
}

const retryBackoff = { baseMs: 500, maxMs: 60_000 };
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
  readonly #secrets = new ExpandedSecrets();
  readonly #log: ServerLog;
  readonly #listing: ToolListing;
  readonly #attempts: ConnectAttempts<OpenedSession>;
  readonly #keeper: SessionKeeper;
  #state: ServerState;
  #catalog: ToolCatalog = emptyCatalog;
  /** Set exactly while the state is `ready`. */
  #session: McpSession | undefined;

  constructor(options: ServerConnectionOptions) {
    const { name, entry, logger, clock } = options;
    this.name = name;
    this.entry = entry;
    this.#limits = { ...defaultLimits, ...entry.limits };
    this.queue = new CallQueue({ server: name, ...this.#limits });
    this.#options = options;
    this.#log = new ServerLog({ server: name, logger, clock, mask: (text) => this.mask(text) });
    this.#listing = new ToolListing({ clock, list: () => this.#list() });
    this.#attempts = new ConnectAttempts({
      clock,
      open: (signal) => this.#open(signal),
      onOpened: (opened) => {
        this.#opened(opened);
      },
      onFailed: (error) => {
        this.#failed(toWireError(error));
      },
      discard: ({ session }) => session.close(),
    });
    this.#keeper = {
      server: name,
      isHttp: entry.type === 'streamable-http',
      open: (signal) => this.#usable(signal),
      lost: (session, error) => {
        this.#lost(session, error);
      },
    };
    this.#state = entry.enabled ? { status: 'connecting', attempt: 0 } : { status: 'disabled' };
  }

  start(): void {
    if (this.#state.status === 'connecting') this.#attempts.start();
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

  listed(): ListedServer {
    const { tokens, toolMemory, callsToday } = this.#options;
    return listedServer({
      name: this.name,
      entry: this.entry,
      profile: tokens?.profile,
      state: this.#state,
      catalog: this.#catalog,
      remembered: toolMemory.namesOf(this.name),
      version: this.#session?.serverVersion,
      limits: this.#limits,
      queue: this.queue,
      callsToday: callsToday(),
    });
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
    if (this.#state.status === 'ready') await this.#listing.anew(signal);
    else {
      this.#dispatch({ type: 'retry' });
      await this.#attempts.settled(signal);
    }
  }

  /** For somebody who misses a tool. What goes wrong is left to the call; throws the signal's reason. */
  async lookAgain(signal: AbortSignal): Promise<void> {
    await this.#listing.missed(signal).catch(() => undefined);
    signal.throwIfAborted();
  }

  /** Waits for a connect under way. Throws RockBotError when the server cannot be called, or the signal's reason. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.#usable(signal);
  }

  /** Waits for a connect under way, then calls; see `callInSession`. */
  call(call: SessionCall, sideEffects: 'read' | 'write'): Promise<CallResult> {
    return callInSession(this.#keeper, call, sideEffects);
  }

  /** Reads something beside tools; see `readInSession`. */
  async read<T>(run: (content: ServerContent) => Promise<T>, what: string, signal: AbortSignal): Promise<T> {
    try {
      return await readInSession(this.#keeper, { run, what, signal });
    } catch (error) {
      throw error instanceof RockBotError ? this.withoutVariables(error) : error;
    }
  }

  /** The error as it may be told: a server's page or message may repeat the url or the headers it was sent. */
  withoutVariables(error: RockBotError): RockBotError {
    return this.#secrets.maskIn(error);
  }

  /** The same of any text of the server. */
  mask(text: string): string {
    return this.#secrets.mask(text);
  }

  /** Resolves when nothing of it is left, also of a connect under way. */
  async close(): Promise<void> {
    const message = `The server "${this.name}" was removed or the agent is stopping.`;
    this.#closing.abort(new RockBotError({ code: 'server_unavailable', message, action: 'List the servers.' }));
    this.#listing.close();
    const session = this.#session;
    this.#session = undefined;
    await Promise.all([session?.close(), this.#attempts.close()]);
    this.#log.close();
  }

  async #usable(signal: AbortSignal): Promise<McpSession> {
    if (this.#session !== undefined) return this.#session;
    // Somebody waits: a server that is out of reach is tried now rather than after its back-off, but not in a rush.
    const mayRetry = this.#state.status === 'unavailable' && this.#attempts.sinceLastMs > retryBackoff.baseMs;
    if (mayRetry) this.#dispatch({ type: 'retry' });
    await this.#attempts.settled(signal);
    if (this.#session !== undefined) return this.#session;
    throw this.#unavailable();
  }

  #unavailable(): RockBotError {
    const state = this.#state;
    if (this.#closing.signal.aborted) return this.#closing.signal.reason as RockBotError;
    if ('error' in state && state.error !== undefined) return new RockBotError({ ...state.error });
    const isDisabled = state.status === 'disabled';
    return new RockBotError({
      code: 'server_unavailable',
      retryable: !isDisabled,
      message: `The server "${this.name}" is ${isDisabled ? 'disabled' : 'not connected'}.`,
      action: isDisabled ? 'Enable it in mcp.json.' : 'Try again.',
    });
  }

  #opened({ session, listed }: OpenedSession): void {
    this.#session = session;
    this.#keep(listed);
    this.#listing.listed();
    this.#dispatch({ type: 'connected' });
  }

  #failed(error: WireError): void {
    // That nobody has signed in yet is told by the auth state, not once per server and try.
    this.#options.logger[isSignInCode(error.code) ? 'debug' : 'warn']('A server cannot be used yet.', {
      server: this.name,
      code: error.code,
      why: error.message,
    });
    this.#dispatch({ type: 'failed', error });
  }

  #open(signal: AbortSignal): Promise<OpenedSession> {
    const { elicitations, logger } = this.#options;
    const handlers: OpenSessionOptions['handlers'] = {
      onToolsChanged: () => {
        this.#listing.changed();
      },
      onQuestion: async (params, about) => {
        const { answerQuestion } = await import('./answer-question.ts');
        const mask = (text: string): string => this.mask(text);
        return answerQuestion(params, { server: this.name, elicitations, logger, mask, ...about });
      },
      onLog: (params) => {
        this.#log.heard(params);
      },
      onClosed: (session) => {
        this.#lost(session, new Error('The connection was closed.'));
      },
    };
    return openSession({ ...this.#options, secrets: this.#secrets, handlers }, signal);
  }

  #lost(session: McpSession, error: Error): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    void session.close();
    if (error instanceof SessionLostError) this.#dispatch({ type: 'session_forgotten' });
    else this.#dispatch({ type: 'lost', error: toWireError(this.withoutVariables(session.failure(error).error)) });
  }

  /** Throws RockBotError. A server that came back meanwhile lists in a new session; one that is gone is looked for from now on. */
  async #list(): Promise<void> {
    const { signal } = this.#closing;
    const session = await this.#usable(signal);
    try {
      const listed = await session.listTools(signal);
      if (this.#session !== session) return;
      this.#keep(listed);
      this.#options.onChange();
    } catch (error) {
      signal.throwIfAborted();
      const failure = session.failure(error);
      if (failure.session === 'forgotten') this.#lost(session, new SessionLostError(true));
      else if (failure.session === 'unreachable') this.#lost(session, error as Error);
      // With its successor they were listed, too.
      if (failure.session === 'usable' && this.#session === session) throw this.withoutVariables(failure.error);
      await this.#usable(signal);
    }
  }

  #keep(listed: ListedTools): void {
    const { guards, toolMemory, logger } = this.#options;
    this.#catalog = createCatalog(listed, { filter: this.entry, isWorkIq: this.isWorkIq, guards });
    toolMemory.remember(this.name, [...this.#catalog.tools.keys()]);
    const { malformed, truncated } = listed;
    if (malformed.length > 0 || truncated)
      logger.warn('Not all tools of a server can be used.', {
        server: this.name,
        malformed: malformed.length,
        ...(truncated && { listed: listed.tools.length, more: true }),
      });
  }

  #dispatch(event: ServerEvent): void {
    if (this.#closing.signal.aborted) return;
    const { state, effects } = reduceServer(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    this.#options.onChange();
  }

  #run(effect: ServerEffect): void {
    switch (effect.type) {
      case 'connect':
        this.#attempts.start();
        return;
      case 'close': {
        const session = this.#session;
        this.#session = undefined;
        void session?.close();
        this.#attempts.stop();
        return;
      }
      case 'retry_later':
        this.#attempts.retryAfter(backoffDelay(effect.attempt, retryBackoff), () => {
          this.#dispatch({ type: 'retry' });
        });
        return;
      case 'stop_waiting':
        this.#attempts.stopWaiting();
    }
  }
}
