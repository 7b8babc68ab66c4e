// rockbot patrols history: past runs, or one of them whole.
import type { Bus } from '../../bus.ts';
import { runIdSchema, type PatrolRun } from '../../../shared/contract/patrol-messages.ts';
import { RockBotError } from '../../../shared/errors/rockbot-error.ts';
import { momentOf } from '../../patrols/run-words.ts';
import { cleanLine } from '../../results/clean-text.ts';
import { UsageError } from '../cli-errors.ts';
import { requestTimeoutMs, type CliContext } from '../cli-context.ts';
import type { InvocationOf } from '../invocation.ts';
import { momentText } from '../render/date-text.ts';
import { columnWidth } from '../terminal-text.ts';
import { recordLines, runLine } from './patrol-text.ts';

const defaultLimit = 20;

export async function patrolsHistory(invocation: InvocationOf<'patrols_history'>, context: CliContext): Promise<void> {
  const { name, runId, limit = defaultLimit, results } = invocation;
  const { output, settings, signal } = context;
  if (results && runId === undefined)
    throw new UsageError('--results needs --run.', 'Give the id of the run, as "rockbot patrols history" lists it.');
  const connection = await context.bus();
  using spinner = output.wait(`Asking the agent ${settings.agent} for past runs`);
  const timeoutMs = settings.timeoutMs ?? requestTimeoutMs;
  if (runId !== undefined) {
    const run = await runRecord(connection, { runId, signal, timeoutMs });
    spinner.stop();
    output.json({ ok: true, runs: [run] });
    output.lines(() => recordLines(run, output.view, { results }));
    return;
  }
  const { runs } = await connection.request(
    'patrolHistory',
    { limit, ...(name !== undefined && { patrol: name }) },
    { signal, timeoutMs },
  );
  spinner.stop();
  output.json({ ok: true, runs });
  const { view } = output;
  if (runs.length === 0)
    output.lines([
      view.colors.dim(name === undefined ? 'No patrol has run yet.' : `${cleanLine(name)} has not run yet.`),
    ]);
  const widths = {
    patrol:
      name === undefined
        ? columnWidth(
            runs.map(({ patrol }) => cleanLine(patrol)),
            40,
          )
        : 0,
    moment: columnWidth(
      runs.map((run) => momentText(momentOf(run), view)),
      24,
    ),
  };
  output.lines(() => runs.map((run) => runLine(run, widths, view)));
}

/** One run whole, with the results of its steps. */
export async function runRecord(
  connection: Pick<Bus, 'request'>,
  { runId, signal, timeoutMs }: { runId: string; signal?: AbortSignal; timeoutMs: number },
): Promise<PatrolRun> {
  if (!runIdSchema.safeParse(runId).success) throw noSuchRun(runId);
  const { runs } = await connection.request('patrolHistory', { runId }, { signal, timeoutMs });
  const run = runs.find((found) => found.runId === runId);
  if (run === undefined) throw noSuchRun(runId);
  return run;
}

function noSuchRun(runId: string): RockBotError {
  return new RockBotError({
    code: 'invalid_request',
    message: `The agent has no record of a run "${cleanLine(runId)}".`,
    action: 'See the ids with "rockbot patrols history"; old records go.',
  });
}
