// One patrol of patrols.json: checked against its form, its schedule, guards and expressions; every problem is found at once.
import { parseGuards, type Guards } from '../guards/parse-guards.ts';
import { findCredentialProblems } from './credential-problems.ts';
import type { ExpressionScope } from './expression-check.ts';
import type { Expression } from './expression.ts';
import { issueProblems, type PatrolProblem } from './patrol-problem.ts';
import { patrolNamePattern, patrolSchema, type PatrolInput } from './patrol-schema.ts';
import { parseValue } from './patrol-value.ts';
import type { OutputLine, Patrol, PatrolStep } from './patrol.ts';
import { ProblemList } from './problem-list.ts';
import { timeZoneProblem } from './time-zone-problem.ts';
import { cronProblem } from './timetable.ts';

type Problem = Omit<PatrolProblem, 'line'>;
type StepInput = PatrolInput['steps'][number];

/** Names beside `steps` that every expression may use. */
const commonNames = ['patrol', 'run', 'account'];
/** What a forEach may not call its item. */
const takenNames: ReadonlySet<string> = new Set(['steps', 'index', ...commonNames]);

export function parsePatrol(name: string, raw: unknown): { patrol: Patrol | undefined; problems: Problem[] } {
  const problems = new ProblemList();
  const patrol = checkedPatrol(name, raw, problems);
  return { patrol, problems: problems.told() };
}

/** Undefined when there are problems. */
function checkedPatrol(name: string, raw: unknown, problems: ProblemList): Patrol | undefined {
  if (!patrolNamePattern.test(name))
    problems.add(
      [],
      'the name may have 1 to 64 letters, digits and the characters . _ -, and begins with a letter or digit',
    );
  for (const { path, message } of findCredentialProblems(raw)) {
    problems.add(path, message);
    if (problems.isFull) return undefined;
  }
  const parsed = patrolSchema.safeParse(raw, { reportInput: true });
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      for (const { path, message } of issueProblems(issue)) {
        problems.add(path, message);
        if (problems.isFull) return undefined;
      }
    return undefined;
  }
  const input = parsed.data;
  const cron = cronProblem(input.schedule.cron);
  if (cron !== undefined) problems.add(['schedule', 'cron'], cron);
  const zone = timeZoneProblem(input.schedule.timeZone);
  if (zone !== undefined) problems.add(['schedule', 'timeZone'], zone);
  const guards = guardsOf(input.guards, problems);
  const steps = parseSteps(input.steps, problems);
  const output = parseOutput(
    input.output,
    steps.map(({ id }) => id),
    problems,
  );
  if (!problems.isEmpty || guards === undefined) return undefined;
  const { description, budget } = input;
  return {
    ...input,
    name,
    description,
    guards,
    steps,
    output,
    budget: { callsPerRun: budget.callsPerRun, callsPerDay: budget.callsPerDay },
  };
}

/** Without guards a patrol reads only; with guards that cannot be read it does nothing. */
function guardsOf(raw: unknown, found: ProblemList): Guards | undefined {
  const parsed = parseGuards(raw === undefined ? 'read-only' : raw);
  if (parsed.ok) return parsed.guards;
  parsed.problems.forEach(({ path, isKey, text }) => found.add(['guards', ...(isKey === true ? [] : path)], text));
  return undefined;
}

function parseSteps(inputs: readonly StepInput[], found: ProblemList): PatrolStep[] {
  const ids = inputs.map(({ id }, index) => id ?? `step${index + 1}`);
  const steps: PatrolStep[] = [];
  for (const [index, input] of inputs.entries()) {
    if (found.isFull) break;
    const id = ids[index] ?? '';
    if (ids.indexOf(id) < index) found.add(['steps', index, 'id'], `"${id}" is the id of another step, too`);
    steps.push(parseStep(input, { id, index, ids }, found));
  }
  return steps;
}

function parseStep(
  input: StepInput,
  { id, index, ids }: { id: string; index: number; ids: readonly string[] },
  found: ProblemList,
): PatrolStep {
  const at = (path: Problem['path']): Problem['path'] => ['steps', index, ...path];
  for (const key of ['server', 'tool'] as const)
    if (input[key].includes('${')) found.add(at([key]), 'is fixed: values with ${…} have their place in arguments');

  const scope: ExpressionScope = { names: commonNames, earlierSteps: ids.slice(0, index), allSteps: ids };
  const condition = (raw: string, path: Problem['path']): Expression | undefined => {
    const { value, problems } = parseValue(raw, scope);
    problems.forEach((problem) => found.add(at([...path, ...problem.path]), problem.message));
    if (value.kind === 'expression') return value.expression;
    if (problems.length === 0)
      found.add(at(path), 'must be one expression and nothing else, such as "${length(steps.mail.result) > `0`}"');
    return undefined;
  };
  const when = input.when === undefined ? undefined : condition(input.when, ['when']);
  const list = input.forEach === undefined ? undefined : condition(input.forEach.in, ['forEach', 'in']);
  if (input.forEach !== undefined && takenNames.has(input.forEach.as))
    found.add(at(['forEach', 'as']), `"${input.forEach.as}" means something else already: use another name`);

  const itemNames = input.forEach === undefined ? [] : [input.forEach.as, 'index'];
  const filled = parseValue(input.arguments, { ...scope, names: [...itemNames, ...commonNames] });
  filled.problems.forEach(({ path, message }) => found.add(at(['arguments', ...path]), message));
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
  found: ProblemList,
): OutputLine[] | undefined {
  if (raw === undefined) return undefined;
  const lines = typeof raw === 'string' ? [raw] : raw;
  const parsed: OutputLine[] = [];
  for (const [index, line] of lines.entries()) {
    if (found.isFull) break;
    const { value, problems, reads } = parseValue(line, { names: commonNames, earlierSteps: ids, allSteps: ids });
    const path = typeof raw === 'string' ? ['output'] : ['output', index];
    problems.forEach(({ message }) => found.add(path, message));
    parsed.push({ text: value, reads });
  }
  return parsed;
}
