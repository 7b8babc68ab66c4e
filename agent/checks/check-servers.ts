// Findings about the MCP servers: reached, authorised, and on request entitled. A server is listed anew, which costs nothing; what
// only a call can tell is asked with `probe`.
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { startDeadline } from '../../shared/deadline.ts';
import { finding, skipped, type FindingFacts, type FindingId } from '../../shared/doctor/finding.ts';
import { accountCodes } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { WireError } from '../../shared/errors/wire-error.ts';
import type { Bridge } from '../bridge/bridge.ts';
import { harmlessRead, type HarmlessRead } from './harmless-reads.ts';

export interface ServersCheckOptions {
  bridge: Pick<Bridge, 'list' | 'refresh'>;
  auth: AuthState['status'];
  /** Makes one call as anybody's, with its guards, budgets and audit line; rejects with a RockBotError. Undefined: none is wanted. */
  probe: ((call: HarmlessRead & { server: string }) => Promise<unknown>) | undefined;
  signal: AbortSignal;
  /** Milliseconds that one server may take to list its tools. */
  listTimeoutMs?: number;
}

type Failure = Pick<WireError, 'message' | 'action'> & { code: string };

/** What a server answered that it was reached for; all else says nothing about that. */
const refusals: ReadonlySet<string> = new Set(accountCodes);

export async function checkServers(options: ServersCheckOptions): Promise<Finding[]> {
  const servers = options.bridge.list();
  if (servers.length === 0) {
    const action = 'Run "rockbot servers add workiq", or "RockBot: Add Work IQ to the Agent" in VS Code.';
    return [finding('servers.configured', 'warning', 'There are none in mcp.json.', { action })];
  }
  const count = servers.length === 1 ? 'One server is' : `${servers.length} servers are`;
  const checked = await Promise.all(servers.map((server) => checkServer(server, options)));
  return [finding('servers.configured', 'ok', `${count} in mcp.json.`), ...checked.flat()];
}

async function checkServer(server: ListedServer, options: ServersCheckOptions): Promise<Finding[]> {
  const { name: of, profile, state, error } = server;
  const rest: readonly FindingId[] = ['server.authorised', 'server.entitled'];
  if (state === 'disabled')
    return [
      finding('server.reach', 'note', 'It is disabled in mcp.json.', { of }),
      ...skipped(rest, 'It is disabled.', of),
    ];
  if (state === 'invalid')
    return [
      finding('server.reach', 'failed', error?.message ?? 'Its entry cannot be used.', {
        of,
        fault: 'configuration',
        action: error?.action ?? 'Correct its entry in mcp.json.',
      }),
      ...skipped(rest, 'Its entry is not in force.', of),
    ];
  if (profile !== undefined && options.auth !== 'connected' && options.auth !== 'degraded')
    return skipped(['server.reach', ...rest], 'It waits for the sign-in.', of);
  return judged(server, await listAnew(of, options), options);
}

async function judged(
  { name: of, profile }: ListedServer,
  { failure, listed }: { failure: Failure | undefined; listed: ListedServer | undefined },
  options: ServersCheckOptions,
): Promise<Finding[]> {
  if (failure !== undefined && !refusals.has(failure.code))
    return [
      finding('server.reach', 'failed', failure.message, { of, action: failure.action ?? 'Look whether it runs.' }),
      ...skipped(['server.authorised', 'server.entitled'], 'It was not reached.', of),
    ];
  const tools = listed?.tools.length ?? 0;
  const reached = finding(
    'server.reach',
    'ok',
    failure === undefined ? `It lists its tools (${tools}).` : 'It answers.',
    { of },
  );
  if (failure !== undefined)
    return [
      reached,
      finding('server.authorised', 'failed', failure.message, { of, fault: 'permission', action: adviceOf(failure) }),
      ...skipped(['server.entitled'], 'It takes no call.', of),
    ];
  const how =
    profile === undefined ? 'It wants no sign-in of the agent.' : `It takes the token of the profile "${profile}".`;
  return [reached, finding('server.authorised', 'ok', how, { of }), await checkEntitled(listed, of, options)];
}

/** What a person can do; a code without an action of its own is about the token that the server refuses. */
function adviceOf({ action }: Failure): string {
  return action ?? 'Ask the operator whether the profile has the scopes that this server wants.';
}

async function listAnew(
  name: string,
  { bridge, signal, listTimeoutMs = 10_000 }: ServersCheckOptions,
): Promise<{ failure: Failure | undefined; listed: ListedServer | undefined }> {
  const late = (): RockBotError =>
    new RockBotError({ code: 'timeout', message: `It did not list its tools within ${listTimeoutMs / 1000} s.` });
  using deadline = startDeadline(listTimeoutMs, { reason: late, signal });
  let thrown: Failure | undefined;
  try {
    await bridge.refresh(name, deadline.signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof RockBotError)) throw error;
    thrown = error;
  }
  const listed = bridge.list().find((server) => server.name === name);
  const gone: Failure = { code: 'server_unavailable', message: 'It was removed meanwhile.' };
  if (listed === undefined) return { failure: gone, listed };
  if (listed.state === 'ready') return { failure: thrown, listed };
  return {
    failure: listed.error ?? thrown ?? { code: 'server_unavailable', message: 'It is still being connected.' },
    listed,
  };
}

async function checkEntitled(
  listed: ListedServer | undefined,
  of: string,
  { probe }: ServersCheckOptions,
): Promise<Finding> {
  const told = (severity: Finding['severity'], what: string, facts: FindingFacts = {}): Finding =>
    finding('server.entitled', severity, what, { of, ...facts });
  const read = listed && harmlessRead(listed);
  if (read === undefined)
    return told('skipped', 'It has no harmless call that is known here; its tools are listed and not called.');
  if (probe === undefined)
    return told('skipped', `Not asked for; one call of ${read.tool}, which Microsoft may bill, shows it on request.`);
  try {
    await probe({ ...read, server: of });
    return told('ok', `A call of ${read.tool} was answered.`);
  } catch (error) {
    if (!(error instanceof RockBotError) || error.code === 'cancelled') throw error;
    const { code, message, action } = error;
    if (code === 'guard_denied' || code === 'tool_not_found')
      return told('skipped', `A call of ${read.tool} is not allowed here: ${message}`);
    if (code === 'policy_denied' || code === 'throttled')
      return told('warning', `This cannot be told now: ${message}`, { action });
    const fault = refusals.has(code) ? 'permission' : 'other';
    if (code === 'timeout')
      return told('failed', message, {
        fault,
        action: 'Try again later; Microsoft tells of outages at https://status.cloud.microsoft.',
      });
    return told('failed', message, {
      fault,
      action: action ?? 'Try again; if it stays so, look at the log of the agent.',
    });
  }
}
