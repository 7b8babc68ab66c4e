// The status bar item as a table over all states: what it says, looks like and does, and that nothing from outside acts in it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connectionPhases, type ConnectionPhase } from '../../extension/connection/connection-phase.ts';
import { initialState, type ConnectionState } from '../../extension/connection/connection-state.ts';
import { statusView } from '../../extension/connection/status-view.ts';
import { escapeIcons } from '../../extension/results/escape-icons.ts';
import { escapeMarkdown } from '../../extension/results/escape-markdown.ts';
import { commandIds } from '../../extension/contributions.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';

const clock = { now: Date.parse('2026-11-23T10:00:00Z'), timeZone: 'UTC', locale: 'en-GB' };
const problem = { code: 'server_unavailable', message: 'No bus answers.', action: 'Check it.' } as const;
const online: ConnectionState = {
  ...initialState('rockbot'),
  bus: { kind: 'online', url: 'ws://127.0.0.1:1' },
  agent: { kind: 'online', heardAt: clock.now, version: '1.2.3' },
};

function withAuth(status: AuthState['status'], more: Partial<AuthState> = {}): ConnectionState {
  const account = { id: 'id', username: 'adele@contoso.example', tenantId: 'tenant' };
  const times = { lastRefreshAt: '2026-11-23T09:40:00Z', accessTokenExpiresAt: '2026-11-23T10:40:00Z' };
  return { ...online, auth: { status, since: '2026-11-23T09:00:00Z', generation: 1, account, ...times, ...more } };
}

const reason = { code: 'auth_required', message: 'The password was changed.', action: 'Sign in again.' };

const states: Readonly<Record<ConnectionPhase, ConnectionState>> = {
  not_configured: initialState('rockbot'),
  misconfigured: {
    ...initialState('rockbot'),
    bus: { kind: 'none', problem: { code: 'invalid_request', message: 'rockbot.nats.url is no address.' } },
  },
  bus_connecting: { ...initialState('rockbot'), bus: { kind: 'connecting', url: 'ws://127.0.0.1:1' } },
  bus_offline: { ...initialState('rockbot'), bus: { kind: 'offline', url: 'ws://127.0.0.1:1', problem } },
  agent_offline: { ...online, agent: { kind: 'offline', problem: { ...problem, message: 'No agent answers.' } } },
  signing_in: { ...withAuth('not_connected'), signIn: { step: 'sign_in' } },
  refused: { ...withAuth('expired'), refusal: { code: 'handoff_refused', message: 'Another account.' } },
  not_connected: { ...online, auth: { status: 'not_connected', since: '2026-11-23T09:00:00Z', generation: 0 } },
  connected: withAuth('connected'),
  expired: withAuth('expired', { reason }),
  degraded: withAuth('degraded', { reason: { ...reason, message: 'The disk is full.' } }),
};

describe('status bar - a function of the state', () => {
  for (const [phase, text, background, command, said] of [
    ['not_configured', '$(plug) Set up RockBot', 'none', commandIds.focusServers, /Set up RockBot/],
    ['misconfigured', '$(gear) RockBot: check settings', 'error', commandIds.openSettings, /nats\.url is no address/],
    ['bus_connecting', '$(loading~spin) RockBot: connecting to the bus', 'none', commandIds.showLog, /connecting/],
    [
      'bus_offline',
      '$(debug-disconnect) RockBot: bus offline',
      'error',
      commandIds.setBusAddress,
      /No bus answers\. Check it\./,
    ],
    [
      'agent_offline',
      '$(circle-slash) RockBot: agent rockbot offline',
      'error',
      commandIds.showLog,
      /No agent answers/,
    ],
    ['signing_in', '$(loading~spin) RockBot: waiting for the sign-in', 'none', commandIds.connectM365, /waiting/],
    ['refused', '$(error) RockBot: sign-in refused', 'error', commandIds.reconnectM365, /Another account/],
    ['not_connected', '$(account) Connect M365', 'none', commandIds.connectM365, /Connect M365/],
    ['connected', '$(check) RockBot: adele', 'none', commandIds.focusServers, /adele/],
    [
      'expired',
      '$(warning) Reconnect M365',
      'warning',
      commandIds.reconnectM365,
      /password was changed\. Reconnect M365/,
    ],
    ['degraded', '$(info) RockBot: adele, degraded', 'warning', commandIds.showLog, /disk is full/],
  ] as const) {
    test(`status bar - ${phase}`, () => {
      const view = statusView(states[phase], clock);
      assert.deepEqual([view.phase, view.text, view.background, view.command], [phase, text, background, command]);
      assert.match(view.accessibilityLabel, said);
      assert.match(view.accessibilityLabel, /^RockBot: /);
      assert.doesNotMatch(view.accessibilityLabel, /\$\(|\p{Cc}/u);
    });
  }

  test('status bar - a bus that is there but wants other credentials is not called offline', () => {
    const refused = { ...problem, code: 'forbidden', message: 'The bus wants credentials.' } as const;
    const view = statusView(
      { ...states.bus_offline, bus: { kind: 'offline', url: 'ws://h', problem: refused } },
      clock,
    );
    assert.deepEqual(
      [view.text, view.command, view.tooltipCommands[0]],
      ['$(lock) RockBot: bus credentials', commandIds.setBusCredentials, commandIds.setBusCredentials],
    );
    assert.doesNotMatch(view.tooltip, /offline/);
  });

  test('status bar - every link of every card runs a command of the extension', () => {
    const ids = new Set<string>(Object.values(commandIds));
    for (const phase of connectionPhases) {
      const links = [...statusView(states[phase], clock).tooltip.matchAll(/\]\(command:([^)]*)\)/g)];
      assert.notEqual(links.length, 0, phase);
      for (const [, id] of links) assert.ok(ids.has(id ?? ''), `${phase}: ${id}`);
    }
  });

  test("status bar - the card of a connection shows user, last refresh and next expiry in the reader's zone", () => {
    const { tooltip } = statusView(states.connected, { ...clock, timeZone: 'Asia/Tokyo' });
    for (const part of ['adele', '18&#58;40', '19&#58;40', 'tenant', '1&#46;2&#46;3'])
      assert.ok(tooltip.includes(part), part);
  });

  test('[P6] status bar - hostile names neither link nor run nor draw anything', () => {
    const username = '[x](command:evil)$(alert)<b>|`\u001b]8;;https://evil\u0007@contoso.example\n# big';
    const state = withAuth('connected', { account: { id: 'i', username, tenantId: '</td>' } });
    const view = statusView(state, clock);
    assert.doesNotMatch(view.tooltip, /\(command:evil|<b>|<\/td>|^# big/m);
    assert.ok(!view.tooltip.includes('\u001b'));
    assert.doesNotMatch(view.text.slice(8), /\$\(/);
  });
});

test('markdown - escaped text has no character left that means something', () => {
  const all = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
  const left = escapeMarkdown(all)
    .replace(/\\./g, '')
    .replace(/&#\d+;/g, '');
  assert.doesNotMatch(left, /[`*_{}[\]()#+\-!|<>~$&\\]/);
});

test('markdown - `$(…)` of others stays text, also where VS Code draws icons after it has read the markdown', () => {
  for (const text of ['$(error)', '\\$(error)', '$$(sync~spin)', '$\u200d(error) $(error)']) {
    // As its renderer does: escapes are read first, and icons are then put into the HTML, entities and all.
    const html = escapeMarkdown(text).replace(/\\([!-/:-@[-`{-~])/g, '$1');
    assert.doesNotMatch(html, /\$\([a-z0-9-]+(?:~[a-z]+)?\)/i, text);
    assert.equal(
      html.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
      text,
    );
  }
});

test('labels - `$(…)` of others stays text', () => {
  assert.equal(escapeIcons('a $(error) b $(sync~spin)'), 'a \\$(error) b \\$(sync~spin)');
  assert.equal(escapeIcons('costs $(many words)'), 'costs $(many words)');
});
