// Asks the agent for its patrols and runs and follows what it tells of them; the effects around patrols-state. It knows no vscode.
import { systemClock, type Clock } from '../../shared/clock.ts';
import type { PatrolChanged, PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { ConnectionSession } from '../connection/connection-session.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { problemOf } from '../connection/problem.ts';
import { noPatrols, reducePatrols, type PatrolsEvent, type PatrolsState } from './patrols-state.ts';

export interface PatrolsSessionOptions {
  request: ConnectionSession['request'];
  onState: (state: PatrolsState) => void;
  /** Hears every word about a run. */
  onRun: (run: PatrolRun) => void;
  clock?: Clock;
}

const askTimeoutMs = 10_000;
/** Milliseconds to gather reasons for asking anew. */
const settleMs = 150;
/** Runs of all patrols that are asked for at first, and of one when somebody looks closer. */
const firstRuns = 60;
const runsOfOne = 20;
/** Milliseconds in which a second start is a second click. */
const justNowMs = 3_000;

export interface StartedRun {
  run: PatrolRun;
  /** False for one that was there already. */
  isNew: boolean;
}

export class PatrolsSession {
  readonly #options: PatrolsSessionOptions;
  readonly #clock: Clock;
  #state = noPatrols;
  /** What the patrols that are known are those of; empty without an agent. */
  #key = '';
  #listing: { again: boolean } | undefined;
  readonly #asking = new Set<string>();
  readonly #starting = new Map<string, Promise<StartedRun>>();
  /** `at`: milliseconds since the epoch, when this window heard of it. */
  #lastStart: { run: PatrolRun; at: number } | undefined;

  constructor(options: PatrolsSessionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get state(): PatrolsState {
    return this.#state;
  }

  /** To be called with every state of the connection: whoever comes back, or signs in, is asked anew. */
  follow({ bus, agent, agentName, auth }: ConnectionState): void {
    const isThere = bus.kind === 'online' && agent.kind === 'online';
    const key = isThere ? JSON.stringify([bus.url, agentName, agent.instance, auth?.status, auth?.generation]) : '';
    if (key === this.#key) return;
    this.#key = key;
    if (isThere) void this.refresh();
    // A list that may be of the past would say when something runs next.
    else this.#dispatch({ kind: 'left' });
  }

  /** To be called with every `patrol.{agent}.changed`. */
  changed({ run, patrols }: PatrolChanged): void {
    if (this.#key === '') return;
    if (run !== undefined) {
      this.#dispatch({ kind: 'run', run });
      this.#options.onRun(run);
    }
    if (run === undefined || run.status !== 'running' || patrols.length > 0) void this.#list();
  }

  /** Asks for the patrols, in case that a word of the agent was lost; never rejects. */
  async check(): Promise<void> {
    if (this.#key !== '') await this.#list();
  }

  /** Asks for the patrols and the last runs; never rejects. */
  async refresh(): Promise<void> {
    await this.#list();
    await this.#history({ limit: firstRuns });
  }

  /** Asks for the earlier runs of one, once. */
  async loadRuns(patrol: string): Promise<void> {
    if (this.#state.asked.has(patrol) || this.#asking.has(patrol)) return;
    this.#asking.add(patrol);
    await this.#history({ patrol, limit: runsOfOne });
    this.#asking.delete(patrol);
  }

  /**
   * Runs it, unless it runs already or has ended this very moment, as after a double click: then that run is the answer.
   * @throws RockBotError
   */
  async start(patrol: string): Promise<StartedRun> {
    const before = this.#starting.get(patrol);
    if (before !== undefined) return { ...(await before), isNew: false };
    const starting = this.#start(patrol).finally(() => this.#starting.delete(patrol));
    this.#starting.set(patrol, starting);
    return starting;
  }

  async #start(patrol: string): Promise<StartedRun> {
    const payload = { patrol, runId: crypto.randomUUID() };
    try {
      const { run } = await this.#options.request('patrolRunNow', payload, { timeoutMs: askTimeoutMs });
      this.#dispatch({ kind: 'run', run });
      this.#lastStart = { run, at: this.#clock.now() };
      return { run, isNew: true };
    } catch (error) {
      const run = this.#underWay(patrol);
      if (run === undefined || !(error instanceof RockBotError) || error.code !== 'invalid_request') throw error;
      return { run, isNew: false };
    }
  }

  /** An agent refuses the next run until it has stored the record of the one before. */
  #underWay(patrol: string): PatrolRun | undefined {
    const { runs } = this.#state;
    const running = runs.find((run) => run.patrol === patrol && run.status === 'running');
    if (running !== undefined) return running;
    const { run, at } = this.#lastStart ?? {};
    if (run?.patrol !== patrol || at === undefined || this.#clock.now() - at > justNowMs) return undefined;
    return runs.find(({ runId }) => runId === run.runId) ?? run;
  }

  /**
   * Ends the run that is known to be under way: never the next one, which nobody has seen yet.
   * @throws RockBotError
   */
  async cancel(patrol: string): Promise<void> {
    const runId = this.#state.patrols?.find(({ name }) => name === patrol)?.running?.runId;
    await this.#options.request(
      'patrolRunNow',
      { patrol, action: 'cancel', ...(runId !== undefined && { runId }) },
      { timeoutMs: askTimeoutMs },
    );
  }

  /**
   * One run whole, with results.
   * @throws RockBotError also when there is no such record
   */
  async record(runId: string): Promise<PatrolRun> {
    const { runs } = await this.#options.request('patrolHistory', { runId }, { timeoutMs: askTimeoutMs });
    const run = runs.find((found) => found.runId === runId);
    if (run === undefined)
      throw new RockBotError({ code: 'invalid_request', message: 'The agent has no record of this run any more.' });
    return run;
  }

  async #history(request: { patrol?: string; limit: number }): Promise<void> {
    const key = this.#key;
    if (key === '') return;
    try {
      const { runs } = await this.#options.request('patrolHistory', request, { timeoutMs: askTimeoutMs });
      if (key === this.#key)
        this.#dispatch({ kind: 'history', runs, ...(request.patrol !== undefined && { patrol: request.patrol }) });
    } catch {
      // The list says what is wrong; what was not asked is asked again with the next look.
    }
  }

  /** One question at a time; reasons to ask that come meanwhile are one more question afterwards. */
  async #list(): Promise<void> {
    if (this.#listing !== undefined) {
      this.#listing.again = true;
      return;
    }
    const listing = { again: true };
    this.#listing = listing;
    try {
      while (listing.again) {
        await this.#clock.sleep(settleMs);
        listing.again = false;
        await this.#ask();
      }
    } finally {
      this.#listing = undefined;
    }
  }

  async #ask(): Promise<void> {
    const key = this.#key;
    if (key === '') return;
    try {
      const { patrols, problems } = await this.#options.request('patrolList', {}, { timeoutMs: askTimeoutMs });
      if (key === this.#key) this.#dispatch({ kind: 'listed', patrols, problems });
    } catch (error) {
      if (key === this.#key) this.#dispatch({ kind: 'not_listed', problem: problemOf(error) });
    }
  }

  #dispatch(event: PatrolsEvent): void {
    const state = reducePatrols(this.#state, event);
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
