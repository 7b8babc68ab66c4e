// The part of the command line about patrols; it runs nothing.
import type { Command } from 'commander';
import { UsageError } from './cli-errors.ts';
import type { Invocation } from './invocation.ts';

const largestLimit = 500;

export function addPatrolCommands(
  program: Command,
  done: (invocation: Invocation) => void,
  examples: (...lines: string[]) => string,
): void {
  const patrols = program.command('patrols').description('scheduled tool calls of the agent (patrols.json)');
  patrols
    .command('list')
    .description('list the patrols: next run, last outcome, and what they could not see')
    .addHelpText('after', examples('rockbot patrols list', "rockbot patrols list --json | jq '.patrols[].nextRunAt'"))
    .action(() => done({ kind: 'patrols_list' }));
  patrols
    .command('run')
    .argument('<name>')
    .description('run a patrol now, wait for its end and show its record; Ctrl-C cancels it')
    .option('--no-wait', 'only start it')
    .option('--wait', 'wait for its end (default)')
    .option('--results', 'show what the tools returned as well')
    .addHelpText(
      'after',
      `${examples('rockbot patrols run morning', 'rockbot patrols run morning --no-wait')}

Exit codes: 0 it saw everything, 77 it was blind or failed for want of a sign-in or a right, 130 cancelled, 1 any other end.`,
    )
    .action((name: string, { wait = true, results = false }: { wait?: boolean; results?: boolean }) =>
      done({ kind: 'patrols_run', name, wait, results }),
    );
  patrols
    .command('history')
    .argument('[name]', 'only of this patrol')
    .description('show past runs, newest first, or one of them whole')
    .option('--run <id>', 'one run with its steps and its output')
    .option('--results', 'with --run: what the tools returned as well')
    .option('--limit <n>', `at most so many runs (20, up to ${largestLimit})`, parseLimit)
    .addHelpText(
      'after',
      examples('rockbot patrols history morning', 'rockbot patrols history --run 20270301T064500Z-0f'),
    )
    .action((name: string | undefined, options: { run?: string; results?: boolean; limit?: number }) =>
      done({
        kind: 'patrols_history',
        name,
        runId: options.run,
        results: options.results ?? false,
        limit: options.limit,
      }),
    );
  patrols
    .command('validate')
    .argument('[file]', "a patrols.json; it is checked here, without agent and bus. Without: the agent's own")
    .description('name every problem of patrols.json with its line')
    .addHelpText(
      'after',
      `${examples('rockbot patrols validate', 'rockbot patrols validate patrols.json')}

Exit codes: 0 no problem, 78 there are problems.`,
    )
    .action((file: string | undefined) => done({ kind: 'patrols_validate', file }));
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > largestLimit)
    throw new UsageError(`"${text}" is no number of runs.`, `Give --limit a whole number from 1 to ${largestLimit}.`);
  return limit;
}
