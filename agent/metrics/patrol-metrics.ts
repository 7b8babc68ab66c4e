// Metrics of patrols: how their runs ended, how each fares now, when each saw everything last, and when it runs next.
import { Counter, type Registry } from 'prom-client';
import type { PatrolFacts, PatrolsFacts } from '../patrols/patrol-facts.ts';
import { verdicts } from '../patrols/run-verdict.ts';
import { addGauge, addLabelledGauge } from './read-at-scrape.ts';

export interface PatrolMetrics {
  ended: (ended: { patrol: string; status: string; count: number }) => void;
  /** Series of patrols that are not in patrols.json any more. */
  forgetGone: () => Promise<void>;
}

interface TimeGauge {
  name: string;
  help: string;
  /** ISO 8601. */
  read: (patrol: PatrolFacts) => string | undefined;
}

const times: readonly TimeGauge[] = [
  {
    name: 'rockbot_patrol_added_timestamp_seconds',
    help: 'When the agent saw the patrol first, in seconds since the epoch.',
    read: ({ addedAt }) => addedAt,
  },
  {
    name: 'rockbot_patrol_last_success_timestamp_seconds',
    help: 'Start of the last run that saw everything, in seconds since the epoch; absent before the first.',
    read: ({ lastOkAt }) => lastOkAt,
  },
  {
    name: 'rockbot_patrol_next_run_timestamp_seconds',
    help: 'When the patrol runs next, in seconds since the epoch; absent while its schedule does not run it.',
    read: ({ nextRunAt }) => nextRunAt,
  },
];

/** `facts`: undefined while they are not known. */
export function addPatrolMetrics(registry: Registry, facts: () => PatrolsFacts | undefined): PatrolMetrics {
  const patrols = (): readonly PatrolFacts[] => facts()?.patrols ?? [];
  const runs = new Counter({
    name: 'rockbot_patrol_runs_total',
    help: 'Runs of patrols by how they ended; occurrences that were not run count as skipped.',
    labelNames: ['patrol', 'status'],
    registers: [registry],
  });
  for (const { read, ...described } of times)
    addLabelledGauge(registry, { ...described, labelNames: ['patrol'] }, () =>
      patrols().flatMap((patrol) => {
        const at = read(patrol);
        return at === undefined ? [] : [{ labels: { patrol: patrol.name }, value: Date.parse(at) / 1000 }];
      }),
    );
  const valid = { name: 'rockbot_patrol_valid', help: '0 while the patrol is stopped because of its problems.' };
  addLabelledGauge(registry, { ...valid, labelNames: ['patrol'] }, () =>
    patrols().map(({ name, isValid }) => ({ labels: { patrol: name }, value: Number(isValid) })),
  );
  const fares = {
    name: 'rockbot_patrol_last_run_status',
    help: '1 for how the last run ended that went to its end; all 0 before the first.',
  };
  addLabelledGauge(registry, { ...fares, labelNames: ['patrol', 'status'] }, () =>
    patrols().flatMap(({ name, verdict }) =>
      verdicts.map((status) => ({ labels: { patrol: name, status }, value: Number(status === verdict) })),
    ),
  );
  addGauge(
    registry,
    {
      name: 'rockbot_patrols_file_valid',
      help: '0 while patrols.json as a whole has a problem, so that what was in force before stays so.',
    },
    () => {
      const known = facts();
      return known === undefined ? undefined : Number(known.isFileValid);
    },
  );
  return {
    ended: ({ patrol, status, count }) => {
      runs.inc({ patrol, status }, count);
    },
    async forgetGone() {
      if (facts() === undefined) return;
      const names = new Set(patrols().map(({ name }) => name));
      for (const { labels } of (await runs.get()).values) if (!names.has(`${labels.patrol}`)) runs.remove(labels);
      // From the start, so that the first one is an increase.
      for (const patrol of names) for (const status of verdicts) runs.inc({ patrol, status }, 0);
    },
  };
}
