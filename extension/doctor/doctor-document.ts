// What a window shows of the doctor's findings: what needs somebody first, then all of it in groups, each with the one command that
// leads on. Pure; it goes by ids and never by words.
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { Finding, FindingSeverity } from '../../shared/contract/check-messages.ts';
import { worstSeverity } from '../../shared/doctor/severity.ts';
import { signInAdvice } from '../connection/window-advice.ts';
import { commandIds } from '../contributions.ts';
import { cleanLine } from '../results/clean-text.ts';
import { findingGroups, groupOf, titleOf } from './finding-group.ts';

export interface FindingStep {
  label: string;
  command: string;
}

export interface ShownFinding {
  id: string;
  title: string;
  severity: FindingSeverity;
  what: string;
  why: string;
  action?: string | undefined;
  step?: FindingStep | undefined;
}

export interface DoctorDocument {
  tone: 'ok' | 'warning' | 'failed';
  headline: string;
  /** When it was looked, ISO 8601. */
  at: string;
  /** Failures, then warnings. */
  care: ShownFinding[];
  groups: { name: string; findings: ShownFinding[] }[];
  /** Calls were made to find out about licences. */
  isProbed: boolean;
}

const connect: FindingStep = { label: 'Connect M365', command: commandIds.connectM365 };
const reconnect: FindingStep = { label: 'Reconnect M365', command: commandIds.reconnectM365 };
const credentials: FindingStep = { label: 'Set Bus Credentials', command: commandIds.setBusCredentials };
const address: FindingStep = { label: 'Set the Bus Address', command: commandIds.setBusAddress };
const settings: FindingStep = { label: 'Open Settings', command: commandIds.openSettings };
const mcpJson: FindingStep = { label: 'Open mcp.json', command: commandIds.openMcpJson };

const steps: Readonly<Record<string, FindingStep>> = {
  'settings.local': settings,
  'bus.credentials': credentials,
  'bus.reach': address,
  'agent.answers': settings,
  'agent.key': settings,
  'agent.mcp-json': mcpJson,
  'agent.patrols-json': { label: 'Open patrols.json', command: commandIds.openPatrolsJson },
  'servers.configured': { label: 'Add Work IQ', command: commandIds.addWorkIq },
};

/** What the agent says speaks to the command line, too. */
const windowActions: Readonly<Record<string, string>> = {
  'servers.configured': 'Add the Work IQ server to the agent, or another one.',
};

export interface DocumentOptions extends Pick<DoctorDocument, 'at' | 'isProbed'> {
  /** As the agent last told it. */
  auth: AuthState | undefined;
  /** False: what is wrong with the settings is that there is no bus. */
  isBusSet?: boolean | undefined;
}

export function doctorDocument(findings: readonly Finding[], options: DocumentOptions): DoctorDocument {
  const { at, isProbed } = options;
  const shown = findings.map((found) => ({ group: groupOf(found), finding: shownFinding(found, options) }));
  const of = (severity: FindingSeverity): ShownFinding[] =>
    shown.filter(({ finding }) => finding.severity === severity).map(({ finding }) => finding);
  const [failed, warnings] = [of('failed'), of('warning')];
  const worst = worstSeverity(findings);
  return {
    tone: worst === 'failed' || worst === 'warning' ? worst : 'ok',
    headline: headline(failed.length, warnings.length),
    at,
    care: [...failed, ...warnings],
    groups: findingGroups
      .map((name) => ({
        name,
        findings: shown.filter(({ group }) => group === name).map(({ finding }) => finding),
      }))
      .filter((group) => group.findings.length > 0),
    isProbed,
  };
}

function headline(failed: number, warnings: number): string {
  const beside = warnings === 0 ? '' : `${warnings === 1 ? 'one thing is' : `${warnings} things are`} worth a look`;
  if (failed === 0) return beside === '' ? 'Everything is in order.' : `Nothing has failed; ${beside}.`;
  const count = failed === 1 ? 'One check failed' : `${failed} checks failed`;
  return beside === '' ? `${count}.` : `${count}; ${beside}.`;
}

function shownFinding(found: Finding, options: DocumentOptions): ShownFinding {
  const { auth } = options;
  const { id, severity, what, why, action } = found;
  const needsCare = severity === 'failed' || severity === 'warning';
  const said = isSignIn(found) ? ((auth && signInAdvice(auth)) ?? 'Connect M365.') : (windowActions[id] ?? action);
  const step = needsCare ? stepOf(found, options) : undefined;
  return {
    id,
    title: titleOf(found),
    severity,
    what: cleanLine(what),
    why: cleanLine(why),
    // A button that says the same is enough.
    ...(needsCare && said !== undefined && said !== `${step?.label}.` && { action: cleanLine(said) }),
    ...(step !== undefined && { step }),
  };
}

/** One that a person has to mend with a sign-in or with what their administrator does. */
function isSignIn({ id, fault }: Finding): boolean {
  return fault === 'permission' && (id === 'sign-in.state' || id === 'sign-in.refresh');
}

function stepOf(found: Finding, { auth, isBusSet = true }: DocumentOptions): FindingStep | undefined {
  const { id, fault } = found;
  if (id === 'settings.local' && !isBusSet) return address;
  if (id === 'bus.reach' && fault === 'permission') return credentials;
  if (isSignIn(found)) {
    if (auth?.nextStep?.kind === 'ask_admin') return undefined;
    return auth?.status === 'expired' ? reconnect : connect;
  }
  if (id === 'server.reach' && fault === 'configuration') return mcpJson;
  return steps[id];
}
