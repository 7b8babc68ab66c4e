// rockbot doctor: what is wrong from the bus to the servers, and what to do about it; the checks are in extension/doctor.
import { stat } from 'node:fs/promises';
import { systemClock } from '../../../shared/clock.ts';
import type { FindingFault } from '../../../shared/contract/check-messages.ts';
import { firstFailure, worstSeverity } from '../../../shared/doctor/severity.ts';
import { version } from '../../../shared/version.ts';
import { configFolder } from '../../consent/config-folder.ts';
import { createKnownAgents } from '../../consent/known-agents.ts';
import type { OwnCredentials } from '../../doctor/check-credentials.ts';
import type { ExpectedKey } from '../../doctor/check-key.ts';
import { runDoctor } from '../../doctor/run-doctor.ts';
import type { CliContext } from '../cli-context.ts';
import { requestTimeoutMs } from '../cli-context.ts';
import { exitCodes } from '../exit-code.ts';
import type { InvocationOf } from '../invocation.ts';
import type { Spinner } from '../spinner.ts';
import { FindingLines, furtherLines, summaryLine } from './doctor-text.ts';

const exitCodeOfFault: Readonly<Record<FindingFault, number>> = {
  unreachable: exitCodes.unavailable,
  permission: exitCodes.noPermission,
  configuration: exitCodes.configuration,
  other: exitCodes.failed,
};

/** @returns the exit code: 0 without a failure, else what the first failure means */
export async function doctor({ refresh, probe }: InvocationOf<'doctor'>, context: CliContext): Promise<number> {
  const { output, settings, signal } = context;
  const text = new FindingLines(output.view);
  let spinner: Spinner | undefined;
  try {
    const findings = await runDoctor({
      busUrl: settings.busUrl,
      agent: settings.agent,
      version,
      // What is wrong with them has stopped the command line before.
      settings: { problems: [], summary: `the agent "${settings.agent}" on ${settings.busUrl}` },
      credentials: () => ownCredentials(context),
      openBus: () => context.bus(),
      expectedKey: () => expectedKey(context),
      ask: { refresh, probe },
      clock: systemClock,
      signal,
      requestTimeoutMs: settings.timeoutMs ?? requestTimeoutMs,
      onStep: (what) => {
        spinner?.[Symbol.dispose]();
        spinner = output.wait(what);
      },
      onFinding: (found) => output.lines(text.add(found)),
    });
    output.lines([
      ...text.rest(),
      '',
      summaryLine(findings, output.view),
      ...furtherLines(findings, { refresh, probe }, output.view),
    ]);
    const failure = firstFailure(findings);
    output.json({ ok: failure === undefined, severity: worstSeverity(findings), findings });
    return failure === undefined ? exitCodes.ok : exitCodeOfFault[failure.fault ?? 'other'];
  } finally {
    spinner?.[Symbol.dispose]();
  }
}

async function ownCredentials({ settings, credentials, platform }: CliContext): Promise<OwnCredentials | undefined> {
  const own = await credentials();
  const path = settings.credentialsFile?.path;
  if (own === undefined || path === undefined) return undefined;
  const mode =
    platform === 'win32'
      ? undefined
      : await stat(path).then(
          ({ mode: found }) => found,
          () => undefined,
        );
  return { publicKey: own.publicKey, from: path, fileMode: mode };
}

async function expectedKey({ settings: { busUrl, agent }, env }: CliContext): Promise<ExpectedKey | undefined> {
  const known = await createKnownAgents({ folder: configFolder(env) }).find({ busUrl, agent });
  return known === undefined ? undefined : { by: 'memory', key: known.fingerprint };
}
