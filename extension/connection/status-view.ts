// How the state looks in the status bar: text, icon, colour, tooltip, click and what a screen reader says; pure.
import type { Account, AuthState } from '../../shared/contract/auth-state.ts';
import { cleanLine } from '../results/clean-text.ts';
import { escapeMarkdown } from '../results/escape-markdown.ts';
import { shortText } from '../results/short-text.ts';
import { commandIds } from '../contributions.ts';
import { phaseOf, type ConnectionPhase } from './connection-phase.ts';
import type { ConnectionState, SignInStep } from './connection-state.ts';
import type { Problem } from './problem.ts';
import { signInAdvice } from './window-advice.ts';

export interface StatusView {
  phase: ConnectionPhase;
  /** With a codicon in `$(…)`. */
  text: string;
  accessibilityLabel: string;
  background: 'none' | 'warning' | 'error';
  /** Run by a click. */
  command: string;
  /** Markdown; whatever came from outside is escaped in it. */
  tooltip: string;
  /** The commands that its links may run. */
  tooltipCommands: readonly string[];
}

export interface ViewClock {
  /** Milliseconds since the epoch. */
  now: number;
  /** IANA name. */
  timeZone: string;
  /** BCP 47; the editor's display language. */
  locale: string;
}

const stepTexts: Readonly<Record<SignInStep, string>> = {
  profile: 'asking the agent',
  key: 'waiting for your answer',
  sign_in: 'waiting for the sign-in',
  sealing: 'sealing',
  waiting_for_agent: 'waiting for the agent',
};

export function stepText(step: SignInStep): string {
  return stepTexts[step];
}

interface Look {
  icon: string;
  label: string;
  background?: StatusView['background'];
  command: string;
}

function lookOf(phase: ConnectionPhase, { bus, agentName, auth, signIn }: ConnectionState): Look {
  switch (phase) {
    case 'not_configured':
      return { icon: 'plug', label: 'Set up RockBot', command: commandIds.focusServers };
    case 'misconfigured':
      return { icon: 'gear', label: 'RockBot: check settings', background: 'error', command: commandIds.openSettings };
    case 'bus_connecting':
      return { icon: 'loading~spin', label: 'RockBot: connecting to the bus', command: commandIds.showLog };
    case 'bus_offline':
      return isRefused(bus)
        ? {
            icon: 'lock',
            label: 'RockBot: bus credentials',
            background: 'error',
            command: commandIds.setBusCredentials,
          }
        : {
            icon: 'debug-disconnect',
            label: 'RockBot: bus offline',
            background: 'error',
            command: commandIds.setBusAddress,
          };
    case 'agent_offline':
      return {
        icon: 'circle-slash',
        label: `RockBot: agent ${agentName} offline`,
        background: 'error',
        command: commandIds.showLog,
      };
    case 'signing_in':
      return {
        icon: 'loading~spin',
        label: `RockBot: ${stepText(signIn?.step ?? 'profile')}`,
        command: commandIds.connectM365,
      };
    case 'refused':
      return {
        icon: 'error',
        label: 'RockBot: sign-in refused',
        background: 'error',
        command: commandIds.reconnectM365,
      };
    case 'not_connected':
      return { icon: 'account', label: 'Connect M365', command: commandIds.connectM365 };
    case 'connected':
      return { icon: 'check', label: `RockBot: ${shortName(auth?.account)}`, command: commandIds.focusServers };
    case 'expired':
      return { icon: 'warning', label: 'Reconnect M365', background: 'warning', command: commandIds.reconnectM365 };
    case 'degraded':
      return {
        icon: 'info',
        label: `RockBot: ${shortName(auth?.account)}, degraded`,
        background: 'warning',
        command: commandIds.showLog,
      };
  }
}

/** It is there, but does not let this user in. */
function isRefused(bus: ConnectionState['bus']): boolean {
  return bus.kind === 'offline' && bus.problem.code === 'forbidden';
}

export function statusView(state: ConnectionState, clock: ViewClock): StatusView {
  const phase = phaseOf(state);
  const { icon, label, background = 'none', command } = lookOf(phase, state);
  const text = cleanLine(label).replaceAll('$(', '$\u200b(');
  return {
    phase,
    text: `$(${icon}) ${text}`,
    accessibilityLabel: `RockBot: ${cleanLine(label).replace(/^RockBot: /, '')}${sentence(state, phase)}`,
    background,
    command,
    tooltip: card(state, phase, clock),
    tooltipCommands: linksOf(phase, state.bus).map(([, id]) => id),
  };
}

function sentence(state: ConnectionState, phase: ConnectionPhase): string {
  const problem = problemShown(state, phase);
  return problem === undefined ? '' : `. ${problem.message}${problem.action === undefined ? '' : ` ${problem.action}`}`;
}

/** What keeps the present state from being a good one. */
export function problemShown(
  state: ConnectionState,
  phase: ConnectionPhase,
): (Pick<Problem, 'message' | 'action'> & { code: string }) | undefined {
  const { bus, agent, auth, refusal } = state;
  if (bus.kind === 'offline' || bus.kind === 'none') return bus.problem;
  if (phase === 'agent_offline' && agent.kind === 'offline') return agent.problem;
  if (phase === 'refused') return refusal;
  if (phase !== 'expired' && phase !== 'degraded' && phase !== 'not_connected') return undefined;
  return auth?.reason && { ...auth.reason, action: signInAdvice(auth) };
}

function card(state: ConnectionState, phase: ConnectionPhase, clock: ViewClock): string {
  const { bus, agentName, agent, auth, servers } = state;
  const problem = problemShown(state, phase);
  const isAgentKnown = phase !== 'bus_offline' && phase !== 'agent_offline' && bus.kind !== 'none';
  const rows: [string, string | undefined][] = [
    ['Account', isAgentKnown ? auth?.account?.username : undefined],
    ['Tenant', isAgentKnown ? auth?.account?.tenantId : undefined],
    ...(isAgentKnown && auth !== undefined ? timeRows(auth, phase, clock) : []),
    ['Servers', isAgentKnown && servers !== undefined ? serversText(servers) : undefined],
    ['Agent', agent.kind === 'online' && agent.version !== undefined ? `${agentName} ${agent.version}` : agentName],
    ['Bus', bus.kind === 'none' ? undefined : shortText(bus.url)],
  ];
  const links = linksOf(phase, bus).map(([title, command]) => `[${title}](command:${command})`);
  return [
    `**RockBot**: ${isRefused(bus) ? 'the bus refuses access' : titles[phase]}`,
    ...(problem === undefined
      ? []
      : [escapeMarkdown(problem.message), ...(problem.action === undefined ? [] : [escapeMarkdown(problem.action)])]),
    [
      '| | |',
      '|:--|:--|',
      ...rows.flatMap(([name, value]) => (value ? [`| ${name}\u2003 | ${escapeMarkdown(value)} |`] : [])),
    ].join('\n'),
    links.join('\u2002|\u2002'),
  ].join('\n\n');
}

const titles: Readonly<Record<ConnectionPhase, string>> = {
  not_configured: 'not set up',
  misconfigured: 'a setting cannot be used',
  bus_connecting: 'connecting to the bus',
  bus_offline: 'the bus is offline',
  agent_offline: 'the agent is offline',
  signing_in: 'connecting to Microsoft 365',
  refused: 'the agent refused the sign-in',
  not_connected: 'not connected to Microsoft 365',
  connected: 'connected to Microsoft 365',
  expired: 'sign-in expired',
  degraded: 'connected, with trouble',
};

function timeRows(auth: AuthState, phase: ConnectionPhase, clock: ViewClock): [string, string | undefined][] {
  if (phase !== 'connected' && phase !== 'degraded' && phase !== 'expired') return [];
  return [
    ['Since', momentText(auth.since, clock)],
    ['Last refresh', momentText(auth.lastRefreshAt, clock)],
    ['Token until', phase === 'expired' ? undefined : momentText(auth.accessTokenExpiresAt, clock)],
    ['Sign in before', phase === 'expired' ? undefined : momentText(auth.endsAt?.at, clock)],
  ];
}

function linksOf(phase: ConnectionPhase, bus: ConnectionState['bus']): [string, string][] {
  const log: [string, string] = ['Show log', commandIds.showLog];
  const settings: [string, string] = ['Open settings', commandIds.openSettings];
  const address: [string, string] = ['Set the bus address', commandIds.setBusAddress];
  const credentials: [string, string] = ['Set bus credentials', commandIds.setBusCredentials];
  switch (phase) {
    case 'misconfigured':
      return [settings, log];
    case 'not_configured':
      return [address, ['Start a local agent', commandIds.startLocalAgent]];
    case 'bus_connecting':
    case 'bus_offline':
      return isRefused(bus) ? [credentials, address, log] : [address, credentials, log];
    case 'agent_offline':
      return [['Check again', commandIds.refresh], ['Start a local agent', commandIds.startLocalAgent], log];
    case 'signing_in':
      return [['Show the sign-in', commandIds.connectM365], log];
    case 'not_connected':
      return [['Connect M365', commandIds.connectM365], log];
    case 'connected':
      return [
        ['Run tool', commandIds.runTool],
        ['Show results', commandIds.showResults],
        ['Disconnect', commandIds.disconnectM365],
        log,
      ];
    case 'refused':
    case 'expired':
    case 'degraded':
      return [['Reconnect M365', commandIds.reconnectM365], ['Disconnect', commandIds.disconnectM365], log];
  }
}

function serversText(servers: NonNullable<ConnectionState['servers']>): string {
  const ready = servers.filter(({ state }) => state === 'ready');
  const tools = ready.reduce((sum, { tools: own }) => sum + own.length, 0);
  if (servers.length === 0) return 'none yet';
  return `${ready.length} of ${servers.length} ready, ${tools} tools`;
}

/** The name before the @: the status bar is short of room. */
function shortName(account: Account | undefined): string {
  const name = account?.username.split('@')[0];
  return name === undefined || name === '' ? 'connected' : name;
}

/** The time alone where it is of this day. */
export function momentText(text: string | undefined, clock: ViewClock): string | undefined {
  const day = (instant: number): string =>
    new Intl.DateTimeFormat('en-CA', { timeZone: clock.timeZone }).format(instant);
  const instant = Date.parse(text ?? '');
  if (!Number.isFinite(instant) || day(instant) !== day(clock.now)) return dateTimeText(text, clock);
  return new Intl.DateTimeFormat(clock.locale, { timeZone: clock.timeZone, timeStyle: 'short' }).format(instant);
}

/** For what is read on another day, too. */
export function dateTimeText(
  text: string | undefined,
  { timeZone, locale }: Omit<ViewClock, 'now'>,
): string | undefined {
  const instant = Date.parse(text ?? '');
  if (!Number.isFinite(instant)) return undefined;
  return new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'medium', timeStyle: 'short' }).format(instant);
}
