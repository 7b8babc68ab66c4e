// Metrics of patrols: how their runs ended, when each saw everything last, and when it runs next.
import { Counter, type Registry } from 'prom-client';
import { addLabelledGauge } from './read-at-scrape.ts';

export interface PatrolFacts {
  name: string;
  /** ISO 8601. */
  nextRunAt: string | undefined;
  /** Start of the last run that saw everything, ISO 8601. */
  lastOkAt: string | undefined;
}

export interface PatrolMetrics {
  ended: (ended: { patrol: string; status: string; count: number }) => void;
  /** Series of patrols that are not in patrols.json any more. */
  forgetGone: () => Promise<void>;
}

/** `patrols`: undefined while they are not known. */
export function addPatrolMetrics(registry: Registry, patrols: () => readonly PatrolFacts[] | undefined): PatrolMetrics {
  const runs = new Counter({
    name: 'rockbot_patrol_runs_total',
    help: 'Runs of patrols by how they ended; occurrences that were not run count as skipped.',
    labelNames: ['patrol', 'status'],
    registers: [registry],
  });
  const times: readonly { name: string; help: string; read: (patrol: PatrolFacts) => string | undefined }[] = [
    {
      name: 'rockbot_patrol_last_success_timestamp_seconds',
      help: 'Start of the last run that saw everything, in seconds since the epoch.',
      read: ({ lastOkAt }) => lastOkAt,
    },
    {
      name: 'rockbot_patrol_next_run_timestamp_seconds',
      help: 'When the patrol runs next, in seconds since the epoch.',
      read: ({ nextRunAt }) => nextRunAt,
    },
  ];
  for (const { read, ...described } of times)
    addLabelledGauge(registry, { ...described, labelNames: ['patrol'] }, () =>
      (patrols() ?? []).flatMap((patrol) => {
        const at = read(patrol);
        return at === undefined ? [] : [{ labels: { patrol: patrol.name }, value: Date.parse(at) / 1000 }];
      }),
    );
  return {
    ended: ({ patrol, status, count }) => {
      runs.inc({ patrol, status }, count);
    },
    async forgetGone() {
      const known = patrols();
      if (known === undefined) return;
      const names = new Set(known.map(({ name }) => name));
      for (const { labels } of (await runs.get()).values) if (!names.has(`${labels.patrol}`)) runs.remove(labels);
      // From the start, so that the first one is an increase.
      for (const patrol of names) for (const status of ['ok', 'blind', 'failed']) runs.inc({ patrol, status }, 0);
    },
  };
}
