// One MCP server of mcp.json as the bridge uses it: what is called and read of it, its turns, its guards, and what it lists. How its
// session comes and goes is `ServerLife`'s.
import type { ListedServer, ListedTool } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { WireError } from '../../shared/errors/wire-error.ts';
import type { CallLimits, ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import type { BudgetUse } from './call-budget.ts';
import { CallQueue } from './call-queue.ts';
import type { CallResult } from './call-result.ts';
import { ExpandedSecrets } from './expanded-secrets.ts';
import type { SessionCall } from './mcp-session.ts';
import type { ServerContent } from './server-content.ts';
import type { CallGuards } from './server-guards.ts';
import { ServerLife, type ServerLifeOptions } from './server-life.ts';
import { listedServer } from './server-listing.ts';
import type { ServerState } from './server-state.ts';
import { SessionRenewal } from './session-renewal.ts';
import { callInSession, readInSession, type SessionKeeper } from './session-retry.ts';
import type { ToolCatalog } from './tool-catalog.ts';
import type { ToolMemory } from './tool-memory.ts';

export interface ServerConnectionOptions extends Omit<ServerLifeOptions, 'secrets' | 'renewal' | 'toolMemory'> {
  callsToday: () => BudgetUse;
  toolMemory: Pick<ToolMemory, 'namesOf' | 'remember'>;
}

/** Where mcp.json has no limits. */
const defaultLimits = { concurrent: 64, queued: 2_000 };

export class ServerConnection {
  readonly name: string;
  readonly entry: ServerEntry;
  readonly queue: CallQueue;
  readonly #limits: CallLimits & typeof defaultLimits;
  readonly #options: ServerConnectionOptions;
  /** What variables brought into the entry: no words of the server may repeat it (promise P6). */
  readonly #secrets = new ExpandedSecrets();
  readonly #life: ServerLife;
  readonly #keeper: SessionKeeper;

  constructor(options: ServerConnectionOptions) {
    const { name, entry, clock } = options;
    this.name = name;
    this.entry = entry;
    this.#limits = { ...defaultLimits, ...entry.limits };
    this.queue = new CallQueue({ server: name, ...this.#limits });
    this.#options = options;
    const renewal = new SessionRenewal(clock);
    const life = new ServerLife({ ...options, secrets: this.#secrets, renewal });
    this.#life = life;
    this.#keeper = {
      server: name,
      isHttp: entry.type === 'streamable-http',
      open: (signal) => life.usable(signal),
      lost: (session, error) => {
        life.lost(session, error);
      },
      renewal,
    };
  }

  start(): void {
    this.#life.start();
  }

  get state(): ServerState {
    return this.#life.state;
  }

  get catalog(): ToolCatalog {
    return this.#life.catalog;
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
      state: this.#life.state,
      catalog: this.#life.catalog,
      remembered: toolMemory.namesOf(this.name),
      version: this.#life.serverVersion,
      limits: this.#limits,
      queue: this.queue,
      callsToday: callsToday(),
    });
  }

  /** The account was connected or a refresh succeeded again. */
  authRestored(): void {
    if (this.#options.tokens !== undefined) this.#life.dispatch({ type: 'auth_restored' });
  }

  authLost(error: WireError): void {
    const { state } = this.#life;
    // A later reason takes the place of an earlier one.
    const isKnown = state.status === 'auth_required' && state.error.message === error.message;
    if (this.#options.tokens !== undefined && !isKnown) this.#life.dispatch({ type: 'auth_lost', error });
  }

  /** Entra refuses the profile of the server while the account is connected; it is tried again after a back-off. */
  profileRefused(profile: string, error: WireError): void {
    if (this.#options.tokens?.profile === profile && this.#life.state.status === 'ready')
      this.#life.dispatch({ type: 'failed', error });
  }

  /** Connects or lists again now. Throws RockBotError, or the signal's reason. */
  refresh(signal: AbortSignal): Promise<void> {
    return this.#life.refresh(signal);
  }

  /** For somebody who misses a tool. What goes wrong is left to the call; throws the signal's reason. */
  lookAgain(signal: AbortSignal): Promise<void> {
    return this.#life.lookAgain(signal);
  }

  /** Waits for a connect under way. Throws RockBotError when the server cannot be called, or the signal's reason. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.#life.usable(signal);
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
  close(): Promise<void> {
    return this.#life.close();
  }
}
