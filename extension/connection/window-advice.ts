// What to do next in a window of VS Code, where an error's own words name the command line or both ways. It goes by what
// the error is and by the state of the agent, never by those words. Pure.
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { BusRefusedError } from '../bus/bus-refused.ts';
import { BusUnreachableError, type BusTrouble } from '../bus/bus-unreachable.ts';
import { cleanLine } from '../results/clean-text.ts';
import type { OwnAdvice } from '../results/next-step.ts';
import type { ConnectionState } from './connection-state.ts';

const busAdvice: Readonly<Record<BusTrouble, string>> = {
  no_bus_set: 'Set the address of the bus, or start a local agent.',
  no_bus_here: 'Start a local agent, or correct the address of the bus in the settings.',
  untrusted: 'Start VS Code with NODE_EXTRA_CA_CERTS set to the file of its certificate authority.',
  no_agent: 'Check that the agent runs and that the settings have its name.',
};

/** Of an error that this window ran into itself; undefined when its own words are as good here. */
export function busErrorAdvice(error: RockBotError): string | undefined {
  if (error instanceof BusUnreachableError && error.trouble !== undefined) return busAdvice[error.trouble];
  if (error instanceof BusRefusedError && !error.hasCredentials)
    return 'Run "RockBot: Set Bus Credentials" with what its operator gave you.';
  return undefined;
}

/** Of what the agent says about its sign-in. */
export function signInAdvice({ status, reason }: Pick<AuthState, 'status' | 'reason'>): string | undefined {
  if (reason === undefined || reason.code !== 'auth_required') return reason?.action;
  return status === 'not_connected' ? 'Connect M365.' : 'Reconnect M365.';
}

/** Where the agent gives no reason of its own: it says that nobody has connected yet, also after a disconnect. */
export const notConnectedText = 'The agent is not connected to Microsoft 365.';

/** Servers and hidden tools that wait for a sign-in say so in the words of the status bar. */
export function serversInWindow(servers: readonly ListedServer[], auth: AuthState | undefined): ListedServer[] {
  if (auth?.status !== 'not_connected' && auth?.status !== 'expired') return [...servers];
  const isPlain = isPlainlyNotConnected(auth);
  return servers.map((server) => {
    const { profile, error, hidden } = server;
    if (profile === undefined) return server;
    const action = serverAdvice(server, auth);
    return {
      ...server,
      ...(error?.code === 'auth_required' && {
        error: { ...error, ...(isPlain && { message: notConnectedText }), ...(action !== undefined && { action }) },
      }),
      hidden: isPlain
        ? hidden.map((tool) => (tool.code === 'auth_required' ? { ...tool, reason: notConnectedText } : tool))
        : hidden,
    };
  });
}

function isPlainlyNotConnected({ status, reason }: Pick<AuthState, 'status' | 'reason'>): boolean {
  return status === 'not_connected' && reason === undefined;
}

/** Of a server that the agent cannot use now. */
export function serverAdvice({ profile, error }: ListedServer, auth: AuthState | undefined): string | undefined {
  const waitsForSignIn = error?.code === 'auth_required' && profile !== undefined;
  if (waitsForSignIn && auth?.status === 'not_connected') return 'Connect M365.';
  return waitsForSignIn && auth?.status === 'expired' ? 'Reconnect M365.' : error?.action;
}

/** Of a call that failed on a server; undefined when the agent's words are as good here. `again`: how it is made once more. */
export function callAdvice(
  { code }: { code: string },
  { server, startedAt, again = 'run the tool again' }: { server: string; startedAt: string; again?: string },
  { auth, servers }: Pick<ConnectionState, 'auth' | 'servers'>,
): OwnAdvice | undefined {
  if (code === 'tool_not_found' && servers?.length === 0)
    return { text: 'Run "RockBot: Add Work IQ to the Agent", or add a server.' };
  if (code !== 'auth_required') return undefined;
  const listed = servers?.find(({ name }) => name === server);
  // A server that is called without the account wants something else than its sign-in.
  if (listed !== undefined && listed.profile === undefined) return { step: 'openMcpJson' };
  if (auth?.status === 'not_connected')
    return {
      title: 'Connect M365',
      meaning: notConnectedText,
      ...(isPlainlyNotConnected(auth) && { message: '' }),
      text: `Connect M365, then ${again}.`,
      step: 'connect',
    };
  if (auth?.status === 'expired') return { text: `Reconnect M365, then ${again}.` };
  if (auth !== undefined && !(Date.parse(startedAt) > Date.parse(auth.since)))
    return { text: `The agent has been connected since: ${again}.`, step: 'runAgain' };
  const profile = listed?.profile === undefined ? 'its profile' : `the profile "${cleanLine(listed.profile)}"`;
  return {
    title: 'This server refuses the sign-in',
    meaning: 'The agent is connected to Microsoft 365 and sent a fresh token, which this server does not accept.',
    text: `Signing in again does not help. Ask the operator of the agent whether ${profile} has the scopes that this server wants.`,
    step: 'openMcpJson',
  };
}
