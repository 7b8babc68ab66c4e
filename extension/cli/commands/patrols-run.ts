// rockbot patrols run: starts a patrol, follows it to its end and shows its record; Ctrl-C cancels what it started.
import type { Bus } from '../../bus.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { PatrolRun } from '../../../shared/contract/patrol-messages.ts';
import { RockBotError } from '../../../shared/errors/rockbot-error.ts';
import { missedSignIn } from '../../../shared/patrols/sight-of.ts';
import { followRun, type RunWatch } from '../../patrols/follow-run.ts';
import { readingOf } from '../../patrols/run-reading.ts';
import { cleanLine } from '../../results/clean-text.ts';
import { requestTimeoutMs, type CliContext } from '../cli-context.ts';
import { exitCodeOf, exitCodes } from '../exit-code.ts';
import type { InvocationOf } from '../invocation.ts';
import { fromWireError } from '../../../shared/errors/wire-error.ts';
import { recordLines } from './patrol-text.ts';
import { runRecord } from './patrols-history.ts';

const cancelTimeoutMs = 2_000;
/** Milliseconds for a run to end once it was cancelled. */
const cancelPatienceMs = 10_000;

/** @returns the exit code */
export async function patrolsRun(invocation: InvocationOf<'patrols_run'>, context: CliContext): Promise<number> {
  const { name, wait, results } = invocation;
  const { output } = context;
  const connection = await context.bus();
  const runId = crypto.randomUUID();
  using spinner = output.wait(`Starting ${cleanLine(name)}`);
  using watch = followRun({ bus: connection, runId });
  // Not with the signal: whether it has started has to be known before it can be cancelled.
  const { run: started } = await connection.request(
    'patrolRunNow',
    { patrol: name, runId },
    { timeoutMs: requestTimeoutMs },
  );
  if (!wait) {
    spinner.stop();
    output.json({ ok: true, run: started });
    output.lines(() => recordLines(started, output.view));
    return exitCodeOfRun(started);
  }
  // Asked to start what runs already, an agent may answer with that run: it is not ours to cancel then.
  if (started.runId !== runId) watch.follow(started.runId);
  spinner.update(`${cleanLine(name)} runs${started.runId === runId ? ' (Ctrl-C cancels)' : ''}`);
  watch.heard(started);
  watch.onChange((run) => spinner.update(progressText(run)));
  const ended = await endOf({ watch, isOurs: started.runId === runId, runId, name, connection, context });
  const run = await runRecord(connection, { runId: ended.runId, timeoutMs: requestTimeoutMs }).catch(() => ended);
  spinner.stop();
  output.json({ ok: true, run });
  output.lines(() => recordLines(run, output.view, { results }));
  return exitCodeOfRun(run);
}

async function endOf(options: {
  watch: RunWatch;
  isOurs: boolean;
  runId: string;
  name: string;
  connection: Bus;
  context: CliContext;
}): Promise<PatrolRun> {
  const { watch, isOurs, runId, name, connection, context } = options;
  const { settings, signal, output } = context;
  const waiting = new AbortController();
  const timer =
    settings.timeoutMs === undefined ? undefined : setTimeout(() => waiting.abort(tooLate(name)), settings.timeoutMs);
  const onCancel = (): void => {
    if (!isOurs) waiting.abort(signal.reason);
    else
      void cancelOnAgent(connection, { patrol: name, runId }).then(async (note) => {
        if (note !== undefined) output.note(note);
        await systemClock.sleep(note === undefined ? cancelPatienceMs : 0);
        waiting.abort(signal.reason);
      });
  };
  if (signal.aborted) onCancel();
  else signal.addEventListener('abort', onCancel, { once: true });
  try {
    return await watch.ended(waiting.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onCancel);
  }
}

/** Undefined when the agent was told; its record says the rest. */
async function cancelOnAgent(
  connection: Bus,
  { patrol, runId }: { patrol: string; runId: string },
): Promise<string | undefined> {
  try {
    await connection.request('patrolRunNow', { patrol, action: 'cancel', runId }, { timeoutMs: cancelTimeoutMs });
    return undefined;
  } catch (error) {
    // It has ended by itself.
    if (error instanceof RockBotError && error.code === 'invalid_request') return undefined;
    return 'The agent could not be told to cancel; the patrol may still run there.';
  }
}

function progressText({ patrol, steps, blind }: PatrolRun): string {
  const last = steps.at(-1);
  const seen = blind.length === 0 ? '' : ', blind so far';
  return `${cleanLine(patrol)} runs${last === undefined ? '' : `, step ${cleanLine(last.id)}`}${seen} (Ctrl-C cancels)`;
}

function tooLate(name: string): RockBotError {
  return new RockBotError({
    code: 'timeout',
    message: `${cleanLine(name)} still runs.`,
    action: `Look later with "rockbot patrols history ${cleanLine(name)}", or allow more time with --timeout.`,
  });
}

/** A blind run is no success: a script that relies on it would take nothing for what there is. */
export function exitCodeOfRun(run: PatrolRun): number {
  switch (readingOf(run)) {
    case 'ok':
    case 'running':
      return exitCodes.ok;
    case 'cancelled':
      return exitCodes.cancelled;
    case 'blind':
      return missedSignIn(run.blind) ? exitCodes.noPermission : exitCodes.failed;
    case 'failed':
      if (run.error !== undefined && exitCodeOf(fromWireError(run.error)) === exitCodes.noPermission)
        return exitCodes.noPermission;
      return missedSignIn(run.blind) ? exitCodes.noPermission : exitCodes.failed;
    // Also of one whose output is not whole: it may look as if there were nothing.
    default:
      return exitCodes.failed;
  }
}
