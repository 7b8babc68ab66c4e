// The report that a person may paste into an issue: what runs, how it is set and what state it is in; pure. No secret, no
// content of mail or other tool results, no whole user name comes into it.
import { redact } from '../shared/redaction.ts';
import { phaseOf } from './connection/connection-phase.ts';
import type { ConnectionState } from './connection/connection-state.ts';
import type { Problem } from './connection/problem.ts';
import { settingIds } from './contributions.ts';
import { cleanLine } from './results/clean-text.ts';
import type { Settings } from './settings.ts';

export interface DiagnosticFacts {
  /** ISO 8601. */
  at: string;
  version: string;
  editor: {
    name: string;
    version: string;
    node: string;
    platform: string;
    /** `desktop`, `web`, or what hosts it. */
    host: string;
    /** `ssh-remote`, `dev-container`, …; undefined for a local window. */
    remote: string | undefined;
    /** Where the extension runs. */
    extensionKind: 'ui' | 'workspace';
  };
  settings: Settings;
  busCredentials: 'none' | 'nkey' | 'creds' | 'unreadable';
  /** Of this window. */
  localAgent: 'none' | 'owned' | 'of another window';
  state: ConnectionState;
  /** Oldest first. */
  logLines: readonly string[];
  /** Shortened to `~` wherever it stands. */
  homeFolder: string;
}

export function diagnosticsReport(facts: DiagnosticFacts): string {
  // Before anything is escaped; what stands in the log may be escaped already.
  const shorten = shortener(facts.homeFolder);
  const sections: [string, readonly string[]][] = [
    ['Versions', versionLines(facts)],
    ['Settings', settingLines(facts)],
    ['Connection', connectionLines(facts)],
    ['Microsoft 365', authLines(facts.state)],
    ['Servers', serverLines(facts.state)],
  ];
  const body = sections.flatMap(([title, lines]) => [
    `## ${title}`,
    '',
    ...lines.map((line) => `- ${plain(shorten(line))}`),
    '',
  ]);
  const log = facts.logLines.map((line) => cleanLine(shorten(line))).join('\n') || '(nothing was logged)';
  const text = ['# RockBot diagnostics', '', `Made ${facts.at}.`, '', ...body, '## Log', '', ...fenced(log), ''].join(
    '\n',
  );
  return maskNames(redact(text));
}

/** `adele.vance@contoso.example` becomes `a***@contoso.example`. */
export function maskNames(text: string): string {
  return text.replace(
    /\b([\p{L}\p{N}])[\p{L}\p{N}._%+'#-]{0,128}@((?:[\p{L}\p{N}-]{1,63}\.){1,8}[\p{L}]{2,24})\b/gu,
    '$1***@$2',
  );
}

function versionLines({ version, editor }: DiagnosticFacts): string[] {
  return [
    `RockBot ${version}`,
    `${editor.name} ${editor.version} (${editor.host}), Node ${editor.node}, ${editor.platform}`,
    `Window: ${editor.remote === undefined ? 'local' : `remote (${editor.remote})`}; the extension runs in the ${editor.extensionKind} host`,
  ];
}

function settingLines({ settings, busCredentials }: DiagnosticFacts): string[] {
  const { natsUrl, agentName, agentPublicKey, tenantId, clientId, signIn, problems } = settings;
  const line = (id: string, value: string | undefined): string => `${id}: ${value ?? 'not set'}`;
  return [
    line(settingIds.natsUrl, natsUrl && addressOf(natsUrl)),
    line(settingIds.agentName, agentName),
    line(settingIds.agentPublicKey, agentPublicKey),
    line(settingIds.tenantId, tenantId),
    line(settingIds.clientId, clientId),
    line(settingIds.signIn, signIn),
    line('bus credentials', busCredentials),
    ...problems.map((problem) => `wrong: ${problem}`),
  ];
}

function connectionLines({ state, localAgent }: DiagnosticFacts): string[] {
  const { bus, agent, agentName, configProblems, refusal, signIn } = state;
  return [
    `state: ${phaseOf(state)}`,
    `bus: ${bus.kind}${bus.kind === 'none' ? '' : ` at ${addressOf(bus.url)}`}${bus.kind === 'offline' ? `, ${told(bus.problem)}` : ''}`,
    `agent ${agentName}: ${agent.kind}${agentDetails(agent)}`,
    `local agent: ${localAgent}`,
    ...(signIn === undefined ? [] : [`sign-in runs: ${signIn.step}`]),
    ...(refusal === undefined ? [] : [`hand-off refused: ${told(refusal)}`]),
    ...(configProblems.length === 0 ? [] : [`problems in mcp.json: ${configProblems.length}`]),
  ];
}

function agentDetails(agent: ConnectionState['agent']): string {
  if (agent.kind === 'offline') return `, ${told(agent.problem)}`;
  if (agent.kind === 'unknown') return '';
  const version = agent.version === undefined ? '' : `, version ${agent.version}`;
  return `${version}, last heard ${new Date(agent.heardAt).toISOString()}`;
}

function authLines({ auth }: ConnectionState): string[] {
  if (auth === undefined) return ['not known'];
  const { status, account, since, generation, accessTokenExpiresAt, lastRefreshAt, reason } = auth;
  return [
    `status: ${status} since ${since}`,
    ...(account === undefined ? [] : [`account: ${account.username}`, `tenant: ${account.tenantId}`]),
    `generation: ${generation}`,
    ...(lastRefreshAt === undefined ? [] : [`last refresh: ${lastRefreshAt}`]),
    ...(accessTokenExpiresAt === undefined ? [] : [`access token expires: ${accessTokenExpiresAt}`]),
    // The words come from outside; the codes say enough.
    ...(reason === undefined ? [] : [`reason: ${[reason.code, reason.aadsts].filter(Boolean).join(', ')}`]),
  ];
}

function serverLines({ servers }: ConnectionState): string[] {
  if (servers === undefined) return ['not known'];
  if (servers.length === 0) return ['none'];
  return servers.map(({ name, state, type, profile, tools, hidden, error }) => {
    const details = [
      type,
      ...(profile === undefined ? [] : [`profile ${profile}`]),
      `${tools.length} tools`,
      ...(hidden.length === 0
        ? []
        : [`${hidden.length} hidden (${[...new Set(hidden.map(({ code }) => code))].join(', ')})`]),
      ...(error === undefined ? [] : [`error ${error.code}`]),
    ];
    return `${name}: ${state} (${details.join('; ')})`;
  });
}

function told({ code, message }: Problem): string {
  return `${code}: ${message}`;
}

/** Scheme, host and port of an address; what else stands in it is nobody's business. */
function addressOf(url: string): string {
  if (!URL.canParse(url)) return 'no address';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

/** One line in which markdown marks nothing up. */
function plain(text: string): string {
  return cleanLine(text).replace(/[\\`*[\]<>|]/g, '\\$&');
}

/** A code block that no run of backticks in the text can end. */
function fenced(text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, text, fence];
}

/**
 * Replaces the home folder by `~` in paths, JSON and addresses, where a path may end: of `/home/adele` nothing is
 * replaced when `/home/a` is the home folder.
 */
function shortener(homeFolder: string): (text: string) => string {
  const isWindows = /^(?:[a-z]:|\\\\)/i.test(homeFolder);
  const separator = isWindows ? /[\\/]+/ : '/';
  const names = homeFolder.split(separator);
  if (names.at(-1) === '') names.pop();
  if (names.length < 2) return (text) => text;
  // In JSON within JSON a backslash is written four times, and an editor writes the drive's letter as it likes.
  const path = names.map((name) => Array.from(name, anyForm).join('')).join(isWindows ? String.raw`[\\/]+` : '/');
  const pattern = new RegExp(String.raw`${path}(?![\p{L}\p{N}_-]|\.[\p{L}\p{N}])`, isWindows ? 'giu' : 'gu');
  return (text) => text.replace(pattern, '~');
}

/** A pattern for a character as it is, as in JSON and as in an address. */
function anyForm(character: string): string {
  const forms = [character, JSON.stringify(character).slice(1, -1), encodeURIComponent(character.toWellFormed())];
  const patterns = forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`));
  return `(?:${[...new Set(patterns)].join('|')})`;
}
