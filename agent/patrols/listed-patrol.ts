// A patrol as it is listed for others.
import type { ListedPatrol, PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { Patrol } from '../../shared/patrols/patrol.ts';

export interface ListedFacts {
  name: string;
  /** Undefined while it is stopped because of its problems. */
  patrol: Patrol | undefined;
  problems: readonly string[];
  /** ISO 8601. */
  nextRunAt: string | undefined;
  running: PatrolRun | undefined;
  lastRun: PatrolRun | undefined;
  owesCatchUp: boolean;
}

export function listedPatrol({ name, patrol, nextRunAt, running, lastRun, ...facts }: ListedFacts): ListedPatrol {
  return {
    name,
    ...(patrol?.description !== undefined && { description: patrol.description }),
    enabled: patrol?.enabled ?? false,
    valid: patrol !== undefined,
    problems: [...facts.problems],
    ...(patrol !== undefined && { schedule: { ...patrol.schedule } }),
    ...(nextRunAt !== undefined && { nextRunAt }),
    ...(running !== undefined && { running: { runId: running.runId, startedAt: running.startedAt ?? '' } }),
    ...(lastRun !== undefined && { lastRun }),
    ...(patrol?.catchUp === true && facts.owesCatchUp && { awaitsSignIn: true }),
    steps: patrol?.steps.map(({ id, server, tool }) => ({ id, server, tool })) ?? [],
  };
}
