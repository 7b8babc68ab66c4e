// A patrol after parsing: checked, its defaults filled in, its expressions parsed.
import type { Guards } from '../guards/parse-guards.ts';
import type { Expression } from './expression.ts';
import type { PatrolValue } from './patrol-value.ts';
import type { Schedule } from './timetable.ts';

export interface Patrol {
  name: string;
  description: string | undefined;
  enabled: boolean;
  schedule: Schedule;
  /** Of a whole run. */
  timeoutSeconds: number;
  overlap: 'skip' | 'queue';
  missed: 'skip' | 'runOnce';
  catchUp: boolean;
  onAuthRequired: 'skip' | 'fail';
  guards: Guards;
  budget: { callsPerRun: number; callsPerDay: number | undefined };
  steps: readonly PatrolStep[];
  /** One per line. */
  output: readonly OutputLine[] | undefined;
}

export interface PatrolStep {
  id: string;
  server: string;
  tool: string;
  /** Gives an object. */
  arguments: PatrolValue;
  when: Expression | undefined;
  forEach: { in: Expression; as: string; max: number } | undefined;
  /** Of each call; undefined: as for any call to the server. */
  timeoutSeconds: number | undefined;
  continueOnError: boolean;
  /** Ids of the earlier steps without which it would take nothing for what there is: whose results it reads, or its list asks of. */
  reads: readonly string[];
}

export interface OutputLine {
  text: PatrolValue;
  /** Ids of the steps whose results it reads. */
  reads: readonly string[];
}
