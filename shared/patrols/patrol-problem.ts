// A problem of patrols.json with its place, and zod's issues in words for people.
import type { z } from 'zod';
import { expectedTypeText } from '../expected-type.ts';
import { placeText } from '../place-text.ts';
import { didYouMean } from './did-you-mean.ts';
import { budgetSchema, forEachSchema, patrolSchema, scheduleSchema, stepSchema } from './patrol-schema.ts';

export interface PatrolProblem {
  /** From 1. */
  line: number;
  /** Keys and indexes from the patrol down. */
  path: readonly (string | number)[];
  message: string;
}

/** One line, such as `line 12, steps[0].when: …`. */
export function problemText({ line, path, message }: PatrolProblem): string {
  const place = placeText(path);
  return `line ${line}${place === '' ? '' : `, ${place}`}: ${message}`;
}

/** One problem for each key that is not known, one for any other issue. */
export function* issueProblems(issue: z.core.$ZodIssue): Generator<Omit<PatrolProblem, 'line'>, void, undefined> {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code !== 'unrecognized_keys') {
    yield { path, message: issueText(issue) };
    return;
  }
  const known = Object.keys(shapeAt(path));
  for (const key of issue.keys)
    yield {
      path,
      message: `"${key.slice(0, 40)}" is not known here: ${didYouMean(key, known) || `there are ${known.join(', ')}`}`,
    };
}

function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    if (issue.input === undefined && issue.message.endsWith('undefined')) return 'is missing';
    return expectedTypeText(issue.expected);
  }
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
  if (issue.code === 'too_small' && issue.message.startsWith('Too small'))
    return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
  if (issue.code === 'too_big' && issue.message.startsWith('Too big'))
    return issue.origin === 'array'
      ? `has more than ${issue.maximum}`
      : `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`;
  return issue.message;
}

/** The keys that are known at a place of a patrol. */
function shapeAt([key, , inner]: readonly (string | number)[]): object {
  if (key === 'schedule') return scheduleSchema.shape;
  if (key === 'budget') return budgetSchema.shape;
  if (key !== 'steps') return patrolSchema.shape;
  return inner === 'forEach' ? forEachSchema.shape : stepSchema.shape;
}
