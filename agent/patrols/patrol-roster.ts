// Which patrols there are: as patrols.json says them now, each with what was kept of it. It knows no clock and answers nobody.
import type { ParsedPatrol } from '../../shared/patrols/parse-patrols.ts';
import type { Patrol } from '../../shared/patrols/patrol.ts';
import { scheduleKey } from './patrol-agenda.ts';
import { restorePatrol, type RestoreOptions } from './restore-patrol.ts';
import type { RunRecords } from './run-records.ts';
import { ScheduledPatrol, type ScheduledPatrolOptions } from './scheduled-patrol.ts';
import type { KeptPatrols } from './kept-patrols.ts';

export interface PatrolRosterOptions extends Omit<
  ScheduledPatrolOptions,
  'kept' | 'lastRun' | 'states' | 'records' | 'onChange' | 'onEnd'
> {
  states: KeptPatrols;
  records: RunRecords;
  isSignedIn: () => boolean;
  onChange: (patrol: string, ...change: Parameters<ScheduledPatrolOptions['onChange']>) => void;
  onEnd: (patrol: string, ...ended: Parameters<ScheduledPatrolOptions['onEnd']>) => void;
  /** One has another next time, or could not be changed. */
  onSettled: () => void;
}

export class PatrolRoster {
  readonly #options: PatrolRosterOptions;
  /** In the order of the file. */
  #patrols = new Map<string, ScheduledPatrol>();
  #wasRead = false;

  constructor(options: PatrolRosterOptions) {
    this.#options = options;
  }

  get(name: string): ScheduledPatrol | undefined {
    return this.#patrols.get(name);
  }

  all(): ScheduledPatrol[] {
    return [...this.#patrols.values()];
  }

  /** One at a time. Resolves, when they are in force, with the names of those that are there and of those that are gone. */
  async take(parsed: readonly ParsedPatrol[]): Promise<string[]> {
    const { isSignedIn } = this.#options;
    const named = new Set(parsed.map(({ name }) => name));
    const removed = [...this.#patrols.keys()].filter((name) => !named.has(name));
    for (const name of removed) await this.#remove(name);
    const patrols = new Map<string, ScheduledPatrol>();
    const changes: Promise<void>[] = [];
    for (const { name, patrol } of parsed) {
      const existing = this.#patrols.get(name);
      const scheduled = existing ?? (await this.#restore(name, patrol));
      patrols.set(name, scheduled);
      const change = existing === undefined ? scheduled.start : scheduled.replace;
      changes.push(this.#settled(change.call(scheduled, patrol, { isSignedIn })));
    }
    this.#patrols = patrols;
    if (!this.#wasRead) await this.#forgetOthers(named);
    this.#wasRead = true;
    await Promise.all(changes);
    return [...removed, ...named];
  }

  signedIn(): void {
    for (const patrol of this.#patrols.values()) void this.#settled(patrol.signedIn());
  }

  async close(): Promise<void> {
    await Promise.all(this.all().map((patrol) => patrol.close()));
  }

  /** Of those that were removed while the agent was down. */
  async #forgetOthers(named: ReadonlySet<string>): Promise<void> {
    const { states } = this.#options;
    for (const name of states.names()) {
      if (named.has(name)) continue;
      await restorePatrol(this.#restoring(name, ''));
      states.delete(name);
    }
  }

  async #remove(name: string): Promise<void> {
    const { states } = this.#options;
    const patrol = this.#patrols.get(name);
    this.#patrols.delete(name);
    await patrol?.remove();
    states.delete(name);
    await states.save().catch(() => undefined);
  }

  async #restore(name: string, patrol: Patrol | undefined): Promise<ScheduledPatrol> {
    const { states, onChange, onEnd } = this.#options;
    const schedule = patrol === undefined ? '' : scheduleKey(patrol);
    const { kept, lastRun } = await restorePatrol(this.#restoring(name, schedule));
    states.set(kept);
    return new ScheduledPatrol({
      ...this.#options,
      kept,
      lastRun,
      onChange: (run) => {
        onChange(name, run);
      },
      onEnd: (status, count) => {
        onEnd(name, status, count);
      },
    });
  }

  #restoring(patrol: string, schedule: string): RestoreOptions {
    const { states, records, clock, logger } = this.#options;
    const wasLost = states.wasLost && !this.#wasRead;
    return { patrol, kept: states.get(patrol), wasLost, records, clock, logger, schedule };
  }

  async #settled(change: Promise<void>): Promise<void> {
    const { logger, onSettled } = this.#options;
    try {
      await change;
    } catch (error) {
      logger.error('A patrol could not be changed.', { error });
    } finally {
      onSettled();
    }
  }
}
