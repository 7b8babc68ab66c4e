// One patrol of patrols.json: checked against its form, its schedule, guards and expressions; every problem is found at once.
import { parseGuards, type Guards } from '../guards/parse-guards.ts';
import { findCredentialProblems } from './credential-problems.ts';
import type { ExpressionScope } from './expression-check.ts';
import type { Expression } from './expression.ts';
import { issueProblems, type PatrolProblem } from './patrol-problem.ts';
import { patrolNamePattern, patrolSchema, type PatrolInput } from './patrol-schema.ts';
import { parseValue } from './patrol-value.ts';
import type { OutputLine, Patrol, PatrolStep } from './patrol.ts';
import { timeZoneProblem } from './time-zone-problem.ts';
import { cronProblem } from './timetable.ts';

type Problem = Omit<PatrolProblem, 'line'>;
type StepInput = PatrolInput['steps'][number];

/** Names beside `steps` that every expression may use. */
const commonNames = ['patrol', 'run', 'account'];
/** What a forEach may not call its item. */
const takenNames: ReadonlySet<string> = new Set(['steps', 'index', ...commonNames]);

export function parsePatrol(name: string, raw: unknown): { patrol: Patrol | undefined; problems: Problem[] } {
  const problems: Problem[] = [];
  const add = (path: Problem['path'], message: string): void => void problems.push({ path, message });

  if (!patrolNamePattern.test(name))
    add([], 'the name may have 1 to 64 letters, digits and the characters . _ -, and begins with a letter or digit');
  problems.push(...findCredentialProblems(raw));
  const parsed = patrolSchema.safeParse(raw, { reportInput: true });
  if (!parsed.success) {
    problems.push(...parsed.error.issues.flatMap(issueProblems));
    return { patrol: undefined, problems };
  }
  const input = parsed.data;
  const cron = cronProblem(input.schedule.cron);
  if (cron !== undefined) add(['schedule', 'cron'], cron);
  const zone = timeZoneProblem(input.schedule.timeZone);
  if (zone !== undefined) add(['schedule', 'timeZone'], zone);
  const guards = guardsOf(input.guards, add);
  const steps = parseSteps(input.steps, add);
  const output = parseOutput(
    input.output,
    steps.map(({ id }) => id),
    add,
  );
  if (problems.length > 0 || guards === undefined) return { patrol: undefined, problems };
  const { description, budget } = input;
  return {
    patrol: {
      ...input,
      name,
      description,
      guards,
      steps,
      output,
      budget: { callsPerRun: budget.callsPerRun, callsPerDay: budget.callsPerDay },
    },
    problems,
  };
}

type AddProblem = (path: Problem['path'], message: string) => void;

/** Without guards a patrol reads only; with guards that cannot be read it does nothing. */
function guardsOf(raw: unknown, add: AddProblem): Guards | undefined {
  const parsed = parseGuards(raw === undefined ? 'read-only' : raw);
  if (parsed.ok) return parsed.guards;
  parsed.problems.forEach((problem) => add(['guards'], problem));
  return undefined;
}

function parseSteps(inputs: readonly StepInput[], add: AddProblem): PatrolStep[] {
  const ids = inputs.map(({ id }, index) => id ?? `step${index + 1}`);
  return inputs.map((input, index) => {
    const id = ids[index] ?? '';
    if (ids.indexOf(id) < index) add(['steps', index, 'id'], `"${id}" is the id of another step, too`);
    return parseStep(input, { id, index, ids }, add);
  });
}

function parseStep(
  input: StepInput,
  { id, index, ids }: { id: string; index: number; ids: readonly string[] },
  add: AddProblem,
): PatrolStep {
  const at = (path: Problem['path']): Problem['path'] => ['steps', index, ...path];
  for (const key of ['server', 'tool'] as const)
    if (input[key].includes('${')) add(at([key]), 'is fixed: values with ${…} have their place in arguments');

  const scope: ExpressionScope = { names: commonNames, earlierSteps: ids.slice(0, index), allSteps: ids };
  const condition = (raw: string, path: Problem['path']): Expression | undefined => {
    const { value, problems } = parseValue(raw, scope);
    problems.forEach((problem) => add(at([...path, ...problem.path]), problem.message));
    if (value.kind === 'expression') return value.expression;
    if (problems.length === 0)
      add(at(path), 'must be one expression and nothing else, such as "${length(steps.mail.result) > `0`}"');
    return undefined;
  };
  const when = input.when === undefined ? undefined : condition(input.when, ['when']);
  const list = input.forEach === undefined ? undefined : condition(input.forEach.in, ['forEach', 'in']);
  if (input.forEach !== undefined && takenNames.has(input.forEach.as))
    add(at(['forEach', 'as']), `"${input.forEach.as}" means something else already: use another name`);

  const itemNames = input.forEach === undefined ? [] : [input.forEach.as, 'index'];
  const filled = parseValue(input.arguments, { ...scope, names: [...itemNames, ...commonNames] });
  filled.problems.forEach(({ path, message }) => add(at(['arguments', ...path]), message));
  return {
    id,
    server: input.server,
    tool: input.tool,
    arguments: filled.value,
    when,
    forEach: input.forEach === undefined || list === undefined ? undefined : { ...input.forEach, in: list },
    timeoutSeconds: input.timeoutSeconds,
    continueOnError: input.continueOnError,
    // A list that rests on whether a step went well is no list when that one was not seen.
    reads: [...new Set([...(when?.reads ?? []), ...(list?.asks ?? []), ...filled.reads])],
  };
}

function parseOutput(
  raw: string | readonly string[] | undefined,
  ids: readonly string[],
  add: AddProblem,
): OutputLine[] | undefined {
  if (raw === undefined) return undefined;
  const lines = typeof raw === 'string' ? [raw] : raw;
  return lines.map((line, index) => {
    const { value, problems, reads } = parseValue(line, { names: commonNames, earlierSteps: ids, allSteps: ids });
    const path = typeof raw === 'string' ? ['output'] : ['output', index];
    problems.forEach(({ message }) => add(path, message));
    return { text: value, reads };
  });
}
