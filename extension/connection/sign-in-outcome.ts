// What a person is told at the end of a sign-in: one message and the one step that leads on; pure.
import type { Account } from '../../shared/contract/auth-state.ts';
import { BusUnreachableError } from '../bus/bus-unreachable.ts';
import { UntrustedAgentKey } from '../consent/untrusted-agent-key.ts';
import { cleanLine } from '../results/clean-text.ts';
import { PartNotLoaded } from '../loaded-part.ts';
import { AgentLeft } from './agent-left.ts';
import { WrongSetting } from './own-app-ids.ts';
import { problemOf, type Problem } from './problem.ts';
import type { SignInWay } from './sign-in-way.ts';

export type FollowUp =
  /** `way`: the one that was taken, where another is not called for. */
  | { kind: 'retry'; way?: SignInWay }
  | { kind: 'device_code' }
  /** For the administrator: a link, or what to do in words. */
  | { kind: 'copy_for_admin'; text: string; isLink: boolean }
  /** What to ask the operator of the agent. */
  | { kind: 'ask_operator'; text: string }
  | { kind: 'set_address' }
  | { kind: 'start_local_agent' }
  | { kind: 'open_settings' }
  | { kind: 'set_credentials' }
  | { kind: 'add_work_iq' }
  | { kind: 'reload_window' }
  | { kind: 'show_log' };

export interface SignInMessage {
  severity: 'info' | 'warning' | 'error';
  text: string;
  next?: FollowUp | undefined;
  /** Another way on. */
  other?: FollowUp | undefined;
}

const titles: Readonly<Record<FollowUp['kind'], string>> = {
  retry: 'Try Again',
  device_code: 'Use a Device Code',
  copy_for_admin: 'Copy for Your Admin',
  ask_operator: 'Copy Question for the Operator',
  set_address: 'Set the Bus Address',
  start_local_agent: 'Start Local Agent',
  open_settings: 'Open Settings',
  set_credentials: 'Set Bus Credentials',
  add_work_iq: 'Add Work IQ',
  reload_window: 'Reload Window',
  show_log: 'Show Log',
};

export function followUpTitle(next: FollowUp): string {
  return next.kind === 'copy_for_admin' && next.isLink ? 'Copy Admin Link' : titles[next.kind];
}

export function connectedMessage(account: Account, { hasServers }: { hasServers: boolean }): SignInMessage {
  return {
    severity: 'info',
    text: `RockBot is connected as ${cleanLine(account.username)}.`,
    ...(!hasServers && { next: { kind: 'add_work_iq' } }),
  };
}

/** In plain words what the agent removed; the reply has it by path and key. */
export function disconnectedMessage({
  disconnected,
  account,
}: {
  disconnected: boolean;
  account: Pick<Account, 'username'> | undefined;
}): string {
  if (!disconnected) return 'Nothing was connected; nothing was removed.';
  // Short enough to be read whole in a notification; the question before it said the rest.
  return `Disconnected: the agent has no sign-in${account === undefined ? '' : ` of ${cleanLine(account.username)}`} any more.`;
}

/** Of a sign-in that the window before did not end; nothing of it had left for the agent. */
export function interruptedMessage(way: SignInWay): SignInMessage {
  return {
    severity: 'warning',
    text: 'The sign-in was interrupted by the reload of the window; nothing was handed over.',
    next: { kind: 'retry', way },
  };
}

export function failedMessage(error: unknown, way: SignInWay): SignInMessage {
  const problem = problemOf(error);
  const severity = severityOf(problem);
  if (error instanceof UntrustedAgentKey && error.isFirst)
    return {
      severity: 'info',
      text: problem.message,
      next: { kind: 'retry' },
      other: { kind: 'ask_operator', text: error.question },
    };
  if (error instanceof UntrustedAgentKey)
    // The same dialog again would only wear down.
    return {
      severity,
      text: `${problem.message} ${problem.action ?? ''}`,
      next: { kind: 'ask_operator', text: error.question },
    };
  if (error instanceof BusUnreachableError && (error.trouble === 'no_bus_set' || error.trouble === 'no_bus_here')) {
    const next = { kind: 'set_address' } as const;
    return { severity, text: textOf(problem, next), next, other: { kind: 'start_local_agent' } };
  }
  if (error instanceof AgentLeft)
    return { severity: 'warning', text: problem.message, next: { kind: error.wasSent ? 'open_settings' : 'retry' } };
  if (error instanceof WrongSetting) {
    const next = { kind: 'open_settings' } as const;
    return { severity, text: textOf(problem, next), next };
  }
  if (error instanceof PartNotLoaded) {
    const next = { kind: 'reload_window' } as const;
    return { severity, text: textOf(problem, next), next };
  }
  const next = followUpOf(problem, { way, isBus: error instanceof BusUnreachableError });
  return { severity, text: textOf(problem, next), next };
}

function followUpOf(problem: Problem, { way, isBus }: { way: SignInWay; isBus: boolean }): FollowUp {
  const { code, message, action = '', reason } = problem;
  switch (code) {
    case 'cancelled':
      return { kind: way === 'browser' ? 'device_code' : 'retry' };
    case 'auth_required':
    case 'timeout':
    case 'throttled':
      return { kind: 'retry' };
    case 'consent_required':
    case 'admin_action_required':
    case 'entitlement_required':
    case 'policy_denied': {
      const link = /https:\/\/\S+\/adminconsent\?\S+/.exec(action)?.[0];
      if (code === 'consent_required' && link === undefined) return { kind: 'retry' };
      return { kind: 'copy_for_admin', text: link ?? `${message}\n${action}`, isLink: link !== undefined };
    }
    case 'server_unavailable':
      return { kind: isBus ? 'open_settings' : 'retry' };
    case 'forbidden':
      return { kind: 'set_credentials' };
    case 'handoff_refused':
      if (reason === 'tenant') return { kind: 'open_settings' };
      if (reason === 'signer') return { kind: 'copy_for_admin', text: `${message}\n${action}`, isLink: false };
      return { kind: 'retry' };
    default:
      return { kind: 'show_log' };
  }
}

function severityOf({ code }: Problem): SignInMessage['severity'] {
  if (code === 'cancelled') return 'info';
  return code === 'auth_required' ? 'warning' : 'error';
}

/** What the button does need not be said as well. */
function textOf({ code, message, action, reason }: Problem, next: FollowUp): string {
  if (action === undefined || code === 'cancelled') return message;
  if (reason === 'refresh_failed') return `${message} If it is refused again, ask the operator of the agent.`;
  if (code === 'handoff_refused' && next.kind === 'retry' && reason !== 'account') return message;
  if (next.kind === 'copy_for_admin' && next.isLink) return `${message} An administrator has to consent for you.`;
  return `${message} ${action}`;
}
