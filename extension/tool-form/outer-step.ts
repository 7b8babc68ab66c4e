// The steps that lead out of a form or of the list of tools, with the words on their buttons; what they do is the extension's.
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { HiddenTool } from '../../shared/contract/tool-messages.ts';
import type { NextStep } from '../results/next-step.ts';

export type OuterStepId = Exclude<NextStep, 'runAgain'>;

export interface OuterStep {
  readonly id: OuterStepId;
  readonly label: string;
}

const labels: Readonly<Record<OuterStepId, string>> = {
  connect: 'Connect M365',
  reconnect: 'Reconnect M365',
  showLog: 'Show Log',
  openMcpJson: 'Open mcp.json',
  showServers: 'Show Servers',
};

export const outerStepIds = [
  'connect',
  'reconnect',
  'showLog',
  'openMcpJson',
  'showServers',
] as const satisfies readonly OuterStepId[];

export function outerStep(id: OuterStepId): OuterStep {
  return { id, label: labels[id] };
}

/** What leads on from a tool that is hidden. `status`: of the agent's sign-in, where it is known. */
export function stepForHidden({ code }: HiddenTool, status?: AuthState['status']): OuterStep {
  switch (code) {
    case 'auth_required':
      return outerStep(status === 'not_connected' ? 'connect' : 'reconnect');
    case 'unavailable':
      return outerStep('showServers');
    case 'denied':
    case 'not_allowed':
    case 'disabled':
    case 'invalid':
      return outerStep('openMcpJson');
  }
}
