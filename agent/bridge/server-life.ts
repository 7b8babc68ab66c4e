// The session of one MCP server over its whole life: opened, lost, opened again, with what the server lists in it. It runs the
// effects of `reduceServer`, and knows no call.
import { backoffDelay } from '../../shared/backoff.ts';
import type { Clock } from '../../shared/clock.ts';
import { isSignInCode } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import type { Logger } from '../logger.ts';
import { SessionLostError } from './call-errors.ts';
import { ConnectAttempts } from './connect-attempts.ts';
import type { Elicitations } from './elicitations.ts';
import type { ListedTools } from './list-tools.ts';
import type { McpSession } from './mcp-session.ts';
import { openSession, type OpenedSession, type OpenSessionOptions } from './open-session.ts';
import type { ServerGuards } from './server-guards.ts';
import { ServerLog } from './server-log.ts';
import { reduceServer, type ServerEffect, type ServerEvent, type ServerState } from './server-state.ts';
import type { SessionRenewal } from './session-renewal.ts';
import { createCatalog, emptyCatalog, type ToolCatalog } from './tool-catalog.ts';
import { ToolListing } from './tool-listing.ts';
import type { ToolMemory } from './tool-memory.ts';

export interface ServerLifeOptions extends Omit<OpenSessionOptions, 'handlers'> {
  guards: ServerGuards;
  toolMemory: Pick<ToolMemory, 'remember'>;
  /** Where the server's questions go. */
  elicitations: Elicitations;
  renewal: SessionRenewal;
  clock: Clock;
  logger: Logger;
  /** The state or the tools have changed. */
  onChange: () => void;
}

const retryBackoff = { baseMs: 500, maxMs: 60_000 };

export class ServerLife {
  readonly #options: ServerLifeOptions;
  readonly #closing = new AbortController();
  readonly #log: ServerLog;
  readonly #listing: ToolListing;
  readonly #attempts: ConnectAttempts<OpenedSession>;
  #state: ServerState;
  #catalog: ToolCatalog = emptyCatalog;
  /** Set exactly while the state is `ready`. */
  #session: McpSession | undefined;

  constructor(options: ServerLifeOptions) {
    const { name, entry, secrets, logger, clock } = options;
    this.#options = options;
    this.#log = new ServerLog({ server: name, logger, clock, mask: (text) => secrets.mask(text) });
    this.#listing = new ToolListing({ clock, list: () => this.#list() });
    this.#attempts = new ConnectAttempts({
      clock,
      open: (signal) => this.#open(signal),
      onOpened: (opened) => {
        this.#opened(opened);
      },
      onFailed: (error) => {
        this.#failed(error);
      },
      discard: ({ session }) => session.close(),
    });
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

  get serverVersion(): string | undefined {
    return this.#session?.serverVersion;
  }

  /** Waits for a connect under way. Throws RockBotError when the server cannot be called, or the signal's reason. */
  async usable(signal: AbortSignal): Promise<McpSession> {
    if (this.#session !== undefined) return this.#session;
    // Somebody waits: a server that is out of reach is tried now rather than after its back-off, but not in a rush.
    const mayRetry = this.#state.status === 'unavailable' && this.#attempts.sinceLastMs > retryBackoff.baseMs;
    if (mayRetry) this.dispatch({ type: 'retry' });
    await this.#attempts.settled(signal);
    if (this.#session !== undefined) return this.#session;
    throw this.#unavailable();
  }

  /** The session is gone; one that is not in use any more is left alone. */
  lost(session: McpSession, error: Error): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    void session.close();
    if (error instanceof SessionLostError) this.dispatch({ type: 'session_forgotten' });
    else
      this.dispatch({ type: 'lost', error: toWireError(this.#options.secrets.maskIn(session.failure(error).error)) });
  }

  dispatch(event: ServerEvent): void {
    if (this.#closing.signal.aborted) return;
    const { state, effects } = reduceServer(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    this.#options.onChange();
  }

  /** Connects or lists again now. Throws RockBotError, or the signal's reason. */
  async refresh(signal: AbortSignal): Promise<void> {
    if (this.#state.status === 'ready') await this.#listing.anew(signal);
    else {
      this.dispatch({ type: 'retry' });
      await this.#attempts.settled(signal);
    }
  }

  /** For somebody who misses a tool. What goes wrong is left to the call; throws the signal's reason. */
  async lookAgain(signal: AbortSignal): Promise<void> {
    await this.#listing.missed(signal).catch(() => undefined);
    signal.throwIfAborted();
  }

  /** Resolves when nothing of it is left, also of a connect under way. */
  async close(): Promise<void> {
    const message = `The server "${this.#options.name}" was removed or the agent is stopping.`;
    this.#closing.abort(new RockBotError({ code: 'server_unavailable', message, action: 'List the servers.' }));
    this.#listing.close();
    const session = this.#session;
    this.#session = undefined;
    await Promise.all([session?.close(), this.#attempts.close()]);
    this.#log.close();
  }

  #unavailable(): RockBotError {
    const state = this.#state;
    if (this.#closing.signal.aborted) return this.#closing.signal.reason as RockBotError;
    if ('error' in state && state.error !== undefined) return new RockBotError({ ...state.error });
    const isDisabled = state.status === 'disabled';
    return new RockBotError({
      code: 'server_unavailable',
      retryable: !isDisabled,
      message: `The server "${this.#options.name}" is ${isDisabled ? 'disabled' : 'not connected'}.`,
      action: isDisabled ? 'Enable it in mcp.json.' : 'Try again.',
    });
  }

  #opened({ session, listed }: OpenedSession): void {
    this.#session = session;
    this.#keep(listed);
    this.#listing.listed();
    this.dispatch({ type: 'connected' });
  }

  #failed(thrown: unknown): void {
    const error = toWireError(thrown);
    // That nobody has signed in yet is told by the auth state, not once per server and try.
    this.#options.logger[isSignInCode(error.code) ? 'debug' : 'warn']('A server cannot be used yet.', {
      server: this.#options.name,
      code: error.code,
      why: error.message,
    });
    this.dispatch({ type: 'failed', error });
  }

  #open(signal: AbortSignal): Promise<OpenedSession> {
    const { name, elicitations, secrets, logger } = this.#options;
    const handlers: OpenSessionOptions['handlers'] = {
      onToolsChanged: () => {
        this.#listing.changed();
      },
      onQuestion: async (params, about) => {
        const { answerQuestion } = await import('./answer-question.ts');
        const mask = (text: string): string => secrets.mask(text);
        return answerQuestion(params, { server: name, elicitations, logger, mask, ...about });
      },
      onLog: (params) => {
        this.#log.heard(params);
      },
      onClosed: (session) => {
        this.lost(session, new Error('The connection was closed.'));
      },
    };
    return openSession({ ...this.#options, handlers }, signal);
  }

  /** Throws RockBotError. A server that came back meanwhile lists in a new session; one that is gone is looked for from now on. */
  async #list(): Promise<void> {
    const { signal } = this.#closing;
    const session = await this.usable(signal);
    try {
      const listed = await session.listTools(signal);
      if (this.#session !== session) return;
      this.#keep(listed);
      this.#options.onChange();
    } catch (error) {
      signal.throwIfAborted();
      const failure = session.failure(error);
      const isRefused = failure.session === 'refused';
      if (failure.session === 'forgotten' || (isRefused && this.#options.renewal.mayHelp))
        this.lost(session, new SessionLostError(true));
      else if (failure.session === 'unreachable') this.lost(session, error as Error);
      // With its successor they were listed, too.
      if (this.#session === session) throw this.#options.secrets.maskIn(failure.error);
      await this.usable(signal);
    }
  }

  #keep(listed: ListedTools): void {
    const { name, entry, tokens, guards, toolMemory, logger } = this.#options;
    this.#catalog = createCatalog(listed, { filter: entry, isWorkIq: tokens !== undefined, guards });
    toolMemory.remember(name, [...this.#catalog.tools.keys()]);
    const { malformed, truncated } = listed;
    if (malformed.length > 0 || truncated)
      logger.warn('Not all tools of a server can be used.', {
        server: name,
        malformed: malformed.length,
        ...(truncated && { listed: listed.tools.length, more: true }),
      });
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
          this.dispatch({ type: 'retry' });
        });
        return;
      case 'stop_waiting':
        this.#attempts.stopWaiting();
    }
  }
}
