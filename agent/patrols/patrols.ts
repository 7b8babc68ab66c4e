// All patrols together: follows patrols.json, wakes up when one is due, and answers what is asked of them. It knows no bus.
import type { Clock } from '../../shared/clock.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { ListedPatrol, PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { parsePatrols, type ParsedPatrol } from '../../shared/patrols/parse-patrols.ts';
import type { Patrol } from '../../shared/patrols/patrol.ts';
import { problemText } from '../../shared/patrols/patrol-problem.ts';
import { plainLine } from '../../shared/plain-text.ts';
import { redact } from '../../shared/redaction.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import type { Logger } from '../logger.ts';
import { KeptPatrols } from './kept-patrols.ts';
import type { MakePatrolCall } from './patrol-call.ts';
import type { PatrolFiles } from './patrol-files.ts';
import { defaultLimits, type RecordLimits } from './record-index.ts';
import { closeOpenRuns, restorePatrol, type RestoreOptions } from './restore-patrol.ts';
import { RunRecords, type RecordFilter } from './run-records.ts';
import { RunSlots } from './run-slots.ts';
import { scheduleKey, ScheduledPatrol } from './scheduled-patrol.ts';

export interface PatrolsOptions {
  files: PatrolFiles;
  call: MakePatrolCall;
  auth: () => Pick<AuthState, 'status' | 'generation' | 'account'>;
  clock: Clock;
  logger: Logger;
  /** A run started, went on or ended; without one the patrols themselves changed. */
  onChange: (change: { run?: PatrolRun; patrols: string[] }) => void;
  /** `count`: occurrences of a row that was skipped, otherwise 1. */
  onEnd: (ended: { patrol: string; status: string; count: number }) => void;
  limits?: RecordLimits;
  /** Runs of all patrols at a time; others wait their turn. */
  concurrentRuns?: number;
}

/** For metrics. */
export interface PatrolFacts {
  name: string;
  /** ISO 8601. */
  nextRunAt: string | undefined;
  lastOkAt: string | undefined;
}

/** However long nothing is due: a machine may sleep and its clock may be set meanwhile. */
const longestSleepMs = 60_000;

export class Patrols {
  readonly #options: PatrolsOptions;
  readonly #states: KeptPatrols;
  readonly #records: RunRecords;
  readonly #slots: RunSlots;
  /** In the order of the file. */
  #patrols = new Map<string, ScheduledPatrol>();
  /** Of the file as a whole: what was in force before stays so. */
  #fileProblem: string | undefined;
  /** By the name of the patrol. */
  #problemsOf = new Map<string, string[]>();
  /** Texts of patrols.json are taken up one after another. */
  readonly #changes = new SerialQueue();
  readonly #closing = new AbortController();
  #wake = new AbortController();
  #signIn: number | undefined;
  #ticking: Promise<void> | undefined;
  #wasRead = false;

  private constructor(options: PatrolsOptions, states: KeptPatrols, records: RunRecords) {
    this.#options = options;
    this.#states = states;
    this.#records = records;
    this.#slots = new RunSlots(options.concurrentRuns ?? 4);
    this.#signIn = this.#currentSignIn();
  }

  /** Rejects with the file system's error when the folder cannot be read. */
  static async open(options: PatrolsOptions): Promise<Patrols> {
    const { files, clock, logger, limits = defaultLimits } = options;
    const records = await RunRecords.open({ files, limits, clock, logger });
    const states = await KeptPatrols.open({
      files,
      onProblem: (error) => {
        logger.error('What patrols keep over a restart cannot be used; their records say when they ran last.', {
          error,
        });
      },
    });
    const patrols = new Patrols(options, states, records);
    // Also of patrols that are in the file no more.
    for (const patrol of records.patrols()) await closeOpenRuns({ patrol, records, clock, logger });
    patrols.#ticking = patrols.#watchClock();
    return patrols;
  }

  /** Applies the text of patrols.json; undefined: there is no such file. Resolves when it is in force. */
  configure(text: string | undefined): Promise<void> {
    return this.#changes.run(async () => {
      const parsed = parsePatrols(text ?? '{}');
      if (!parsed.ok) {
        this.#setProblems(`patrols.json is not in force: ${parsed.problem}`, this.#problemsOf);
        return;
      }
      this.#setProblems(
        undefined,
        new Map(parsed.patrols.map(({ name, problems }) => [name, problems.map(problemText)])),
      );
      await this.#take(parsed.patrols);
    });
  }

  /** Resolves when what was given to `configure` is in force. */
  settled(): Promise<void> {
    return this.#changes.idle();
  }

  /** The file is there but cannot be read, or it was there and is gone (`ENOENT`). */
  unreadable(code: string): void {
    const problem =
      code === 'ENOENT'
        ? 'patrols.json is gone; its patrols stay in force until it is back, or until {} is written for none'
        : `patrols.json cannot be read (${code})`;
    this.#setProblems(problem, this.#problemsOf);
  }

  /** Of the file as a whole. */
  get problems(): string[] {
    return this.#fileProblem === undefined ? [] : [this.#fileProblem];
  }

  /** Throws RockBotError for an unknown name. */
  list(only?: string): ListedPatrol[] {
    const patrols = only === undefined ? [...this.#patrols.values()] : [this.#patrol(only)];
    return patrols.map((patrol) => patrol.listed(this.#problemsOf.get(patrol.name) ?? []));
  }

  facts(): PatrolFacts[] {
    return [...this.#patrols.values()].map(({ name, nextRunAt, lastOkAt }) => ({ name, nextRunAt, lastOkAt }));
  }

  /**
   * Runs a patrol now; resolves with the record of the run, which may be one that was started under this id before. Throws
   * RockBotError.
   */
  async run(name: string, runId?: string): Promise<PatrolRun> {
    const known = runId === undefined ? undefined : await this.#known(name, runId);
    if (known !== undefined) return known;
    return this.#patrol(name).request(runId);
  }

  /** `runId`: this one only, and no other. Throws RockBotError when it is not under way. */
  cancel(name: string, runId?: string): PatrolRun {
    return this.#patrol(name).cancel('somebody asked for it', runId);
  }

  /** Newest first, without results; also of patrols that are in the file no more. Throws RockBotError for an unknown name. */
  async history(filter: RecordFilter): Promise<PatrolRun[]> {
    if (filter.patrol !== undefined && !this.#records.patrols().includes(filter.patrol)) this.#patrol(filter.patrol);
    return this.#records.find(filter);
  }

  /** Whole. Throws RockBotError when there is none. */
  async record(runId: string): Promise<PatrolRun> {
    const run = await this.#records.get(runId);
    if (run !== undefined) return run;
    throw new RockBotError({
      code: 'invalid_request',
      message: `There is no record of a run "${runId}".`,
      action: 'Old records are removed; the history has those that there are.',
    });
  }

  authChanged(): void {
    const signIn = this.#currentSignIn();
    const isNew = signIn !== undefined && signIn !== this.#signIn;
    this.#signIn = signIn;
    if (!isNew) return;
    for (const patrol of this.#patrols.values()) void this.#watched(patrol.signedIn());
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake.abort();
    await this.#ticking;
    await this.#changes.idle();
    await Promise.all([...this.#patrols.values()].map((patrol) => patrol.close()));
    await this.#records.idle();
    await this.#states.close();
  }

  /** The generation while somebody is signed in. */
  #currentSignIn(): number | undefined {
    const { status, generation } = this.#options.auth();
    return status === 'connected' || status === 'degraded' ? generation : undefined;
  }

  async #take(parsed: readonly ParsedPatrol[]): Promise<void> {
    const named = new Set(parsed.map(({ name }) => name));
    const removed = [...this.#patrols.keys()].filter((name) => !named.has(name));
    for (const name of removed) await this.#remove(name);
    const isSignedIn = (): boolean => this.#currentSignIn() !== undefined;
    const patrols = new Map<string, ScheduledPatrol>();
    const changes: Promise<void>[] = [];
    for (const { name, patrol } of parsed) {
      const existing = this.#patrols.get(name);
      const scheduled = existing ?? (await this.#restore(name, patrol));
      patrols.set(name, scheduled);
      const change = existing === undefined ? scheduled.start : scheduled.replace;
      changes.push(this.#watched(change.call(scheduled, patrol, { isSignedIn })));
    }
    this.#patrols = patrols;
    if (!this.#wasRead) await this.#forgetOthers(named);
    this.#wasRead = true;
    await Promise.all(changes);
    this.#tell({ patrols: [...removed, ...named] });
    this.#wake.abort();
  }

  /** Of those that were removed while the agent was down. */
  async #forgetOthers(named: ReadonlySet<string>): Promise<void> {
    for (const name of this.#states.names()) {
      if (named.has(name)) continue;
      await restorePatrol(this.#restoring(name, ''));
      this.#states.delete(name);
    }
  }

  async #remove(name: string): Promise<void> {
    const patrol = this.#patrols.get(name);
    this.#patrols.delete(name);
    await patrol?.remove();
    this.#states.delete(name);
    await this.#states.save().catch(() => undefined);
  }

  async #restore(name: string, patrol: Patrol | undefined): Promise<ScheduledPatrol> {
    const { clock, logger, call, auth, onEnd } = this.#options;
    const schedule = patrol === undefined ? '' : scheduleKey(patrol);
    const { kept, lastRun } = await restorePatrol(this.#restoring(name, schedule));
    this.#states.set(kept);
    return new ScheduledPatrol({
      kept,
      lastRun,
      states: this.#states,
      records: this.#records,
      slots: this.#slots,
      call,
      account: () => auth().account ?? null,
      clock,
      logger,
      onChange: (run) => {
        this.#tell({ ...(run !== undefined && { run }), patrols: [name] });
        this.#wake.abort();
      },
      onEnd: (status, count) => {
        onEnd({ patrol: name, status, count });
      },
    });
  }

  #restoring(patrol: string, schedule: string): RestoreOptions {
    const { clock, logger } = this.#options;
    const kept = this.#states.get(patrol);
    const wasLost = this.#states.wasLost && !this.#wasRead;
    return { patrol, kept, wasLost, records: this.#records, clock, logger, schedule };
  }

  #setProblems(ofFile: string | undefined, ofPatrols: ReadonlyMap<string, readonly string[]>): void {
    const before = this.#told();
    this.#fileProblem = ofFile === undefined ? undefined : redact(ofFile);
    this.#problemsOf = new Map([...ofPatrols].map(([name, texts]) => [name, texts.map((text) => redact(text))]));
    const problems = this.#told();
    if (JSON.stringify(problems) === JSON.stringify(before)) return;
    if (problems.length > 0)
      this.#options.logger.error(
        'patrols.json has problems. Patrols that they concern are stopped; where they concern the whole file, what was in force stays so.',
        { problems },
      );
    this.#tell({ patrols: [...this.#patrols.keys()] });
  }

  #told(): string[] {
    const ofPatrols = [...this.#problemsOf].flatMap(([name, texts]) => texts.map((text) => `${name}: ${text}`));
    return [...this.problems, ...ofPatrols];
  }

  #patrol(name: string): ScheduledPatrol {
    const patrol = this.#patrols.get(name);
    if (patrol !== undefined) return patrol;
    const names = [...this.#patrols.keys()].slice(0, 20);
    throw new RockBotError({
      code: 'invalid_request',
      message: `There is no patrol "${plainLine(name, 64)}" in patrols.json.`,
      action:
        names.length === 0 ? 'There are none yet; docs/patrols.md has an example.' : `There are ${names.join(', ')}.`,
    });
  }

  /** Whoever hears of it cannot hold up a run. */
  #tell(change: Parameters<PatrolsOptions['onChange']>[0]): void {
    try {
      this.#options.onChange(change);
    } catch (error) {
      this.#options.logger.error('A change of patrols could not be told.', { error });
    }
  }

  async #known(patrol: string, runId: string): Promise<PatrolRun | undefined> {
    if (!this.#records.has(runId)) return undefined;
    const run = await this.#records.get(runId);
    if (run === undefined || run.patrol === patrol) return run;
    throw new RockBotError({
      code: 'invalid_request',
      message: `The run "${runId}" is one of another patrol.`,
      action: 'Give each run an id of its own.',
    });
  }

  async #watchClock(): Promise<void> {
    const { clock, logger } = this.#options;
    while (!this.#closing.signal.aborted) {
      for (const patrol of this.#patrols.values()) {
        try {
          patrol.tick();
        } catch (error) {
          logger.error('A patrol could not be looked at.', { patrol: patrol.name, error });
        }
      }
      this.#wake = new AbortController();
      const next = Math.min(...[...this.#patrols.values()].map(({ nextAt = Infinity }) => nextAt));
      const delay = Math.min(Math.max(next - clock.now(), 1), longestSleepMs);
      await clock.sleep(delay, this.#wake.signal).catch(() => undefined);
    }
  }

  async #watched(change: Promise<void>): Promise<void> {
    try {
      await change;
    } catch (error) {
      this.#options.logger.error('A patrol could not be changed.', { error });
    } finally {
      this.#wake.abort();
    }
  }
}
