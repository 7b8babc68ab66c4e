// Why a run of a patrol is not started or not cancelled, in words for whoever asked for it.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { plainLine } from '../../shared/plain-text.ts';

function refusal(message: string, action: string): RockBotError {
  return new RockBotError({ code: 'invalid_request', message, action });
}

export function unknownPatrol(patrol: string, known: readonly string[]): RockBotError {
  const action =
    known.length === 0 ? 'There are none yet; docs/patrols.md has an example.' : `There are ${known.join(', ')}.`;
  return refusal(`There is no patrol "${plainLine(patrol, 64)}" in patrols.json.`, action);
}

export function stoppedPatrol(patrol: string): RockBotError {
  const message = `The patrol "${patrol}" is stopped, because it has problems.`;
  return refusal(message, 'Correct patrols.json; patrols list names the problems.');
}

/** `runId`: undefined while it is about to end. */
export function runningAlready(patrol: string, runId: string | undefined): RockBotError {
  const message = `The patrol "${patrol}" is running already (${runId ?? 'it is about to end'}).`;
  return refusal(message, 'Wait for its end, or cancel it.');
}

export function otherRunUnderWay(
  patrol: string,
  { meant, underWay }: { meant: string; underWay: string },
): RockBotError {
  const message = `The run "${plainLine(meant, 40)}" of the patrol "${patrol}" is not under way; "${underWay}" is, and goes on.`;
  return refusal(message, 'Cancel that one by its id if it is the one that you mean.');
}

export function noRunUnderWay(patrol: string): RockBotError {
  const message = `No run of the patrol "${patrol}" is under way.`;
  return refusal(message, 'Look at its history: it may have ended already.');
}

export function runOfAnotherPatrol(runId: string): RockBotError {
  return refusal(`The run "${runId}" is one of another patrol.`, 'Give each run an id of its own.');
}

export function noRecord(runId: string): RockBotError {
  const message = `There is no record of a run "${runId}".`;
  return refusal(message, 'Old records are removed; the history has those that there are.');
}
