// The doctor of the UI tier: one check after the other from the settings to the servers; what builds on one that failed is
// skipped and says why. It changes nothing and shows nothing, and knows neither the command line nor vscode.
import type { Clock } from '../../shared/clock.ts';
import type { AgentPublicKey } from '../../shared/contract/auth-messages.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import type { ReplyOf } from '../../shared/contract/contract.ts';
import { heartbeatIntervalMs } from '../../shared/contract/status-messages.ts';
import { agentFindingIds, finding, skipped, type FindingId } from '../../shared/doctor/finding.ts';
import { withoutSecrets } from '../../shared/doctor/without-secrets.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Bus } from '../bus.ts';
import { BusUnreachableError } from '../bus/bus-unreachable.ts';
import { checkAgentClock, lookAtItself, unlooked, type AgentLook, type Ask } from './agent-look.ts';
import { checkHeartbeat, checkSingle, checkVersion, type AgentHeard } from './check-agent.ts';
import { busReached, busUnusable } from './check-bus.ts';
import { checkCredentials, checkSettings, type CheckedSettings, type OwnCredentials } from './check-credentials.ts';
import { checkKey, type ExpectedKey } from './check-key.ts';
import { checkRights, type RightsFound } from './check-rights.ts';

export interface DoctorOptions {
  busUrl: string;
  agent: string;
  /** Of this program. */
  version: string;
  settings: CheckedSettings;
  /** Rejects with a RockBotError. */
  credentials: () => Promise<OwnCredentials | undefined>;
  /** A connection of its own or one that is there; whoever gives it closes it. Rejects with a RockBotError. */
  openBus: () => Promise<Bus>;
  /** Rejects with a RockBotError. */
  expectedKey: (shown: AgentPublicKey) => Promise<ExpectedKey | undefined>;
  ask: Ask;
  /** What to do about an error, in the words of this program. */
  advice?: (error: RockBotError) => string | undefined;
  clock: Clock;
  signal: AbortSignal;
  /** What is being looked at, for people. */
  onStep?: (what: string) => void;
  onFinding?: (found: Finding) => void;
  /** Milliseconds. */
  requestTimeoutMs?: number | undefined;
  heartbeatWaitMs?: number | undefined;
}

/** Milliseconds: three heartbeats. */
const heartbeatWaitMs = 30_000;
/** Milliseconds in which another agent sends a heartbeat, too. */
const othersWaitMs = heartbeatIntervalMs + 1_000;

const ofRights = ['bus.answers', 'bus.publish', 'bus.subscribe', 'bus.least-rights'] as const;
const ofAgent = [
  'agent.serves',
  'agent.heartbeat',
  'agent.single',
  'agent.version',
  'agent.key',
  'agent.clock',
  'agent.checks',
] as const;

/** Rejects with the signal's reason. */
export async function runDoctor(options: DoctorOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  const report = (...found: readonly Finding[]): void => {
    for (const each of found.map(withoutSecrets)) {
      findings.push(each);
      options.onFinding?.(each);
    }
  };
  await examine(options, report);
  options.signal.throwIfAborted();
  return findings;
}

type Report = (...found: readonly Finding[]) => void;

async function examine(options: DoctorOptions, report: Report): Promise<void> {
  const { busUrl, settings, clock, signal, onStep } = options;
  const skip = (why: string, ...groups: readonly (readonly FindingId[])[]): void =>
    report(...skipped(groups.flat(), why));
  report(...checkSettings(settings));
  if (settings.problems.length > 0) {
    skip(
      'The settings have to be right first.',
      ['bus.credentials', 'bus.reach'],
      ofRights,
      ['agent.answers'],
      ofAgent,
      agentFindingIds,
    );
    return;
  }
  onStep?.('Bus');
  let own: OwnCredentials | undefined;
  try {
    own = await options.credentials();
    report(checkCredentials(own, busUrl));
  } catch (error) {
    const known = expected(error, options);
    report(
      finding('bus.credentials', 'failed', known.message, { fault: 'configuration', action: adviceOf(known, options) }),
    );
    skip(
      'The credentials have to be usable first.',
      ['bus.reach'],
      ofRights,
      ['agent.answers'],
      ofAgent,
      agentFindingIds,
    );
    return;
  }
  let bus: Bus;
  try {
    const startedAt = clock.now();
    bus = await options.openBus();
    await bus.flush({ signal });
    report(...busReached({ busUrl, tookMs: clock.now() - startedAt }));
  } catch (error) {
    const known = expected(error, options);
    report(busUnusable(known, adviceOf(known, options)));
    skip('The bus has to answer first.', ofRights, ['agent.answers'], ofAgent, agentFindingIds);
    return;
  }
  await examineOnBus(bus, { options, report, skip, hasCredentials: own !== undefined });
}

interface OnBus {
  options: DoctorOptions;
  report: Report;
  skip: (why: string, ...groups: readonly (readonly FindingId[])[]) => void;
  hasCredentials: boolean;
}

async function examineOnBus(bus: Bus, { options, report, skip, hasCredentials }: OnBus): Promise<void> {
  const { agent, busUrl, signal, onStep } = options;
  onStep?.('Rights');
  let found: RightsFound;
  try {
    found = await checkRights({ rights: bus.rights({ signal }), agent, busUrl, hasCredentials });
  } catch (error) {
    const known = expected(error, options);
    report(busUnusable(known, adviceOf(known, options)));
    skip('The bus was lost.', ['agent.answers'], ofAgent, agentFindingIds);
    return;
  }
  signal.throwIfAborted();
  report(...found.findings);
  if (!found.mayHearAnswers) {
    skip('No answer would be heard.', ['agent.answers'], ofAgent, agentFindingIds);
    return;
  }
  onStep?.('Agent');
  const heard: AgentHeard[] = [];
  const stopListening = found.mayHearHeartbeats
    ? bus.subscribe('agentStatus', ({ instance, version, stopping }) => {
        if (stopping !== true) heard.push({ instance, version });
      })
    : () => undefined;
  try {
    await examineAgent(bus, { options, report, skip, found, heard });
  } finally {
    stopListening();
  }
}

interface OfAgent extends Omit<OnBus, 'hasCredentials'> {
  found: RightsFound;
  heard: readonly AgentHeard[];
}

async function examineAgent(bus: Bus, { options, report, skip, found, heard }: OfAgent): Promise<void> {
  const { agent, clock, signal, version, requestTimeoutMs } = options;
  let profile: ReplyOf<'authProfile'>;
  try {
    profile = await bus.request('authProfile', {}, { signal, timeoutMs: requestTimeoutMs });
  } catch (error) {
    const known = expected(error, options);
    const fault =
      known instanceof BusUnreachableError ? 'unreachable' : known.code === 'forbidden' ? 'permission' : 'other';
    report(finding('agent.answers', 'failed', known.message, { fault, action: adviceOf(known, options) }));
    skip('The agent has to answer first.', ofAgent, agentFindingIds);
    return;
  }
  report(finding('agent.answers', 'ok', `${agent} answers; tenant ${profile.tenantId}, app ${profile.clientId}.`));
  report(...found.serving);
  options.onStep?.('Agent, Microsoft Entra, servers');
  let look: AgentLook | undefined;
  let failure: RockBotError | undefined;
  try {
    look = await lookAtItself(bus, options);
  } catch (error) {
    failure = expected(error, options);
    look = await lookAlone(bus, { options, failure });
  }
  const waitMs = options.heartbeatWaitMs ?? heartbeatWaitMs;
  if (found.mayHearHeartbeats) {
    options.onStep?.('Heartbeat');
    await clockUntil(() => heard.length > 0, { clock, waitMs, signal });
    report(checkHeartbeat(heard, waitMs));
  } else report(...skipped(['agent.heartbeat'], 'Your user of the bus may not hear it.'));
  const told = look?.reply.findings ?? [];
  const toldOfOthers = told.find(({ id }) => id === 'agent.single');
  // An agent listens for others all the time; where it does not tell of them, each has to be heard here once.
  if (toldOfOthers === undefined && heard.length > 0)
    await clockUntil(() => isTwo(heard), { clock, waitMs: Math.min(waitMs, othersWaitMs), signal });
  report(checkSingle(heard, toldOfOthers));
  const theirs = look?.reply.version ?? heard.at(-1)?.version;
  report(
    theirs === undefined
      ? finding('agent.version', 'skipped', 'The agent does not tell its version.')
      : checkVersion({ own: version, agent: theirs }),
  );
  report(await checkKey(profile, options.expectedKey));
  if (look === undefined) {
    report(...skipped(['agent.clock'], 'The agent does not tell its time.'));
    if (failure !== undefined) report(unlooked(failure, options.ask));
    skip('The agent did not look at itself.', agentFindingIds);
    return;
  }
  report(
    checkAgentClock(look),
    failure === undefined
      ? finding('agent.checks', 'ok', 'The agent looked at itself.')
      : unlooked(failure, options.ask),
  );
  report(...told.filter(({ id }) => id !== 'agent.single'));
}

/** Who may look, and not have tokens and calls made, still learns what a look alone finds. */
async function lookAlone(
  bus: Bus,
  { options, failure }: { options: DoctorOptions; failure: RockBotError },
): Promise<AgentLook | undefined> {
  const { ask } = options;
  if (failure.code !== 'forbidden' || !(ask.refresh || ask.probe)) return undefined;
  try {
    return await lookAtItself(bus, { ...options, ask: { refresh: false, probe: false } });
  } catch (error) {
    expected(error, options);
    return undefined;
  }
}

function isTwo(heard: readonly AgentHeard[]): boolean {
  return new Set(heard.map(({ instance }) => instance)).size > 1;
}

async function clockUntil(
  isSo: () => boolean,
  { clock, waitMs, signal }: { clock: Clock; waitMs: number; signal: AbortSignal },
): Promise<void> {
  const until = clock.now() + waitMs;
  while (!isSo() && clock.now() < until) await clock.sleep(50, signal);
}

/** Passes on what is no failure of what is looked at: a defect, and whoever does not want to wait any more. */
function expected(error: unknown, { signal }: DoctorOptions): RockBotError {
  signal.throwIfAborted();
  if (error instanceof RockBotError) return error;
  if (error instanceof Error && error.name === 'TimeoutError')
    return new BusUnreachableError({ message: 'The bus does not answer.', action: 'Check the bus and the network.' });
  throw error;
}

function adviceOf(error: RockBotError, { advice }: DoctorOptions): string | undefined {
  return advice?.(error) ?? error.action;
}
