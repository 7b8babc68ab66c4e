// All patrols together: follows patrols.json, wakes up when one is due, and answers what is asked of them. It knows no bus.
import type { Clock } from '../../shared/clock.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { ListedPatrol, PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { parsePatrols } from '../../shared/patrols/parse-patrols.ts';
import { problemText } from '../../shared/patrols/patrol-problem.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import type { Logger } from '../logger.ts';
import { AlarmClock } from './alarm-clock.ts';
import { FileProblems } from './file-problems.ts';
import { KeptPatrols } from './kept-patrols.ts';
import type { MakePatrolCall } from './patrol-call.ts';
import type { PatrolsFacts } from './patrol-facts.ts';
import type { PatrolFiles } from './patrol-files.ts';
import { createPlanMissed } from './plan-missed.ts';
import { PatrolRoster } from './patrol-roster.ts';
import { defaultLimits, type RecordLimits } from './record-index.ts';
import { closeOpenRuns } from './restore-patrol.ts';
import { RunRecords, type RecordFilter } from './run-records.ts';
import { noRecord, runOfAnotherPatrol, unknownPatrol } from './run-refusals.ts';
import { RunSlots } from './run-slots.ts';
import type { ScheduledPatrol } from './scheduled-patrol.ts';

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

/** Names that a refusal gives instead of one that is not known. */
const shownNames = 20;

export class Patrols {
  readonly #options: PatrolsOptions;
  readonly #states: KeptPatrols;
  readonly #records: RunRecords;
  readonly #problems = new FileProblems();
  readonly #roster: PatrolRoster;
  readonly #alarm: AlarmClock;
  /** Texts of patrols.json are taken up one after another. */
  readonly #texts = new SerialQueue();
  #signIn: number | undefined;

  private constructor(options: PatrolsOptions, states: KeptPatrols, records: RunRecords) {
    const { call, auth, clock, logger, onEnd, concurrentRuns = 4 } = options;
    this.#options = options;
    this.#states = states;
    this.#records = records;
    this.#signIn = this.#currentSignIn();
    this.#roster = new PatrolRoster({
      states,
      records,
      slots: new RunSlots(concurrentRuns),
      planMissed: createPlanMissed(),
      call,
      account: () => auth().account ?? null,
      isSignedIn: () => this.#currentSignIn() !== undefined,
      clock,
      logger,
      onChange: (patrol, run) => {
        this.#tell({ ...(run !== undefined && { run }), patrols: [patrol] });
        this.#alarm.wake();
      },
      onEnd: (patrol, status, count) => {
        onEnd({ patrol, status, count });
      },
      onSettled: () => {
        this.#alarm.wake();
      },
    });
    this.#alarm = new AlarmClock({
      clock,
      onTick: () => {
        for (const patrol of this.#roster.all()) this.#tick(patrol);
      },
      nextAt: () => Math.min(...this.#roster.all().map(({ nextAt = Infinity }) => nextAt)),
    });
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
    // Also of patrols that are in the file no more.
    for (const patrol of records.patrols()) await closeOpenRuns({ patrol, records, clock, logger });
    return new Patrols(options, states, records);
  }

  /** Applies the text of patrols.json; undefined: there is no such file. Resolves when it is in force. */
  configure(text: string | undefined): Promise<void> {
    return this.#texts.run(async () => {
      const parsed = parsePatrols(text ?? '{}');
      if (!parsed.ok) {
        this.#setProblems({ ofFile: `patrols.json is not in force: ${parsed.problem}` });
        return;
      }
      this.#setProblems({
        ofPatrols: new Map(parsed.patrols.map(({ name, problems }) => [name, problems.map(problemText)])),
      });
      this.#tell({ patrols: await this.#roster.take(parsed.patrols) });
      this.#alarm.wake();
    });
  }

  /** Resolves when what was given to `configure` is in force. */
  settled(): Promise<void> {
    return this.#texts.idle();
  }

  /** The file is there but cannot be read, or it was there and is gone (`ENOENT`). */
  unreadable(code: string): void {
    this.#setProblems({
      ofFile:
        code === 'ENOENT'
          ? 'patrols.json is gone; its patrols stay in force until it is back, or until {} is written for none'
          : `patrols.json cannot be read (${code})`,
    });
  }

  /** Of the file as a whole. */
  get problems(): string[] {
    return this.#problems.ofFile;
  }

  /** Throws RockBotError for an unknown name. */
  list(only?: string): ListedPatrol[] {
    const patrols = only === undefined ? this.#roster.all() : [this.#patrol(only)];
    return patrols.map((patrol) => patrol.listed(this.#problems.of(patrol.name)));
  }

  facts(): PatrolsFacts {
    return { isFileValid: this.problems.length === 0, patrols: this.#roster.all().map(({ facts }) => facts) };
  }

  /**
   * Runs a patrol now; resolves with the record of the run, which may be one that was started under this id before. Throws
   * RockBotError.
   */
  async run(name: string, runId?: string): Promise<PatrolRun> {
    const known = runId === undefined ? undefined : await this.#known(name, runId);
    return known ?? this.#patrol(name).request(runId);
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
    if (run === undefined) throw noRecord(runId);
    return run;
  }

  /** To be called with every change of the sign-in. */
  authChanged(): void {
    const signIn = this.#currentSignIn();
    const isNew = signIn !== undefined && signIn !== this.#signIn;
    this.#signIn = signIn;
    if (isNew) this.#roster.signedIn();
  }

  async close(): Promise<void> {
    await this.#alarm.close();
    await this.#texts.idle();
    await this.#roster.close();
    await this.#records.idle();
    await this.#states.close();
  }

  /** The generation while somebody is signed in. */
  #currentSignIn(): number | undefined {
    const { status, generation } = this.#options.auth();
    return status === 'connected' || status === 'degraded' ? generation : undefined;
  }

  #setProblems(problems: Parameters<FileProblems['set']>[0]): void {
    if (!this.#problems.set(problems)) return;
    const all = this.#problems.all();
    if (all.length > 0)
      this.#options.logger.error(
        'patrols.json has problems. Patrols that they concern are stopped; where they concern the whole file, what was in force stays so.',
        { problems: all },
      );
    this.#tell({ patrols: this.#roster.all().map(({ name }) => name) });
  }

  #patrol(name: string): ScheduledPatrol {
    const patrol = this.#roster.get(name);
    if (patrol !== undefined) return patrol;
    const known = this.#roster.all().map((one) => one.name);
    throw unknownPatrol(name, known.slice(0, shownNames));
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
    if (run !== undefined && run.patrol !== patrol) throw runOfAnotherPatrol(runId);
    return run;
  }

  #tick(patrol: ScheduledPatrol): void {
    try {
      patrol.tick();
    } catch (error) {
      this.#options.logger.error('A patrol could not be looked at.', { patrol: patrol.name, error });
    }
  }
}
