// The servers view as a table: what stands there in each state, with which badge, and what a screen reader says.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { initialState, reduceConnection, type ConnectionState } from '../../extension/connection/connection-state.ts';
import { serverDetails } from '../../extension/servers/server-details.ts';
import { childNodes, nodeView, rootNodes } from '../../extension/servers/server-tree.ts';
import { commandIds } from '../../extension/contributions.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import { serverStates, type ListedServer } from '../../shared/contract/tool-messages.ts';

const read = {
  name: 'fetch',
  description: 'Reads entities. More text.',
  inputSchema: {},
  sideEffects: 'read',
} as const;
const write = { name: 'do_action', inputSchema: {}, sideEffects: 'write' } as const;
const hidden = { name: 'ask', reason: 'The sign-in has ended.', code: 'auth_required' } as const;

function server(more: Partial<ListedServer> = {}): ListedServer {
  return {
    name: 'workiq',
    state: 'ready',
    type: 'streamable-http',
    profile: 'workiq',
    tools: [read, write],
    hidden: [],
    ...more,
  };
}

function state(
  status: AuthState['status'],
  servers: ListedServer[] | undefined,
  configProblems: string[] = [],
): ConnectionState {
  return {
    ...initialState('rockbot'),
    bus: { kind: 'online', url: 'ws://127.0.0.1:1' },
    agent: { kind: 'online', heardAt: 0 },
    auth: { status, since: '2026-11-23T09:00:00Z', generation: 1 },
    servers,
    configProblems,
  };
}

test('servers view - why a server is unavailable stands on its row, and a click shows the rest', () => {
  const error = {
    code: 'server_unavailable',
    message: 'The server "workiq" cannot be connected (ECONNREFUSED). More.',
    retryable: true,
    action: 'Check its entry.',
  };
  const unavailable = server({ state: 'unavailable', tools: [], error });
  const view = nodeView({ kind: 'server', server: unavailable, advice: error.action });
  assert.equal(view.description, 'unavailable: cannot be connected (ECONNREFUSED)');
  assert.equal(view.command, commandIds.showServerDetails);
  // A click on any other row opens and closes it.
  assert.equal(nodeView({ kind: 'server', server: server({ state: 'auth_required', error }) }).command, undefined);
  const details = serverDetails([unavailable, server({ name: 'other' })], { agentName: 'rockbot', server: 'workiq' });
  assert.match(details, /ECONNREFUSED[\s\S]*Check its entry/);
  assert.doesNotMatch(details, /"other"/);
});

describe('servers view - what stands there', () => {
  for (const [name, given, kinds] of [
    ['nothing while the tools are not known', state('connected', undefined), []],
    ['nothing without servers: a welcome text says what to do', state('not_connected', []), []],
    ['servers', state('connected', [server()]), ['server']],
    ['the way to sign in above servers that wait for it', state('not_connected', [server()]), ['sign_in', 'server']],
    ['the way back after an expiry', state('expired', [server()]), ['sign_in', 'server']],
    [
      'an entry that never worked once, by its row',
      state(
        'connected',
        [server({ name: 'bad', state: 'invalid', hidden: [{ code: 'invalid', reason: 'url: missing' }] })],
        ['bad: url: missing', 'workiq: url: wrong'],
      ),
      ['problem', 'server'],
    ],
    ['problems of mcp.json first', state('connected', [server()], ['It is no JSON.']), ['problem', 'server']],
  ] as const) {
    test(`servers view - ${name}`, () => {
      assert.deepEqual(
        rootNodes(given).map(({ kind }) => kind),
        kinds,
      );
    });
  }

  test('servers view - each state of a server has its own words and looks', () => {
    const looks = serverStates.map((name) => nodeView({ kind: 'server', server: server({ state: name }) }));
    assert.equal(
      new Set(looks.map(({ icon, color, description }) => `${icon} ${color} ${description}`)).size,
      serverStates.length,
    );
    assert.equal(nodeView({ kind: 'server', server: server({ state: 'from a newer agent' }) }).icon, 'question');
  });

  test('servers view - an invalid entry says why in its row, which leads to the entry', () => {
    const bad = server({ state: 'invalid', tools: [], hidden: [{ code: 'invalid', reason: 'url: missing' }] });
    const view = nodeView({ kind: 'server', server: bad });
    assert.deepEqual(
      [view.description, view.children, view.command, childNodes({ kind: 'server', server: bad })],
      ['invalid entry: url: missing', 'none', commandIds.openServerEntry, []],
    );
  });

  test('servers view - a server that waits for the sign-in says what to do in VS Code, others say what they want', () => {
    const error = {
      code: 'auth_required',
      message: 'Not now.',
      retryable: false,
      action: 'Run "rockbot auth workiq".',
    };
    const tooltip = (status: AuthState['status'], more: Partial<ListedServer> = {}): string => {
      const [node] = rootNodes(state(status, [server({ state: 'auth_required', error, ...more })])).slice(-1);
      return node === undefined ? '' : (nodeView(node).tooltip ?? '');
    };
    assert.match(tooltip('expired'), /Reconnect M365/);
    assert.match(tooltip('not_connected'), /Connect M365/);
    assert.doesNotMatch(tooltip('expired') + tooltip('not_connected'), /rockbot auth/);
    const { profile: _, ...open } = server({
      state: 'auth_required',
      error: { ...error, action: 'Correct its headers.' },
    });
    const [node] = rootNodes(state('expired', [open])).slice(-1);
    assert.match(node === undefined ? '' : (nodeView(node).tooltip ?? ''), /Correct its headers/);
  });

  test('servers view - tools are badged as reads and writes, hidden ones say why', () => {
    const nodes = childNodes({ kind: 'server', server: server({ hidden: [hidden] }) });
    const views = nodes.map(nodeView);
    assert.deepEqual(
      views.map(({ label, icon }) => [label, icon]),
      [
        ['fetch', 'eye'],
        ['do_action', 'edit'],
        ['ask', 'eye-closed'],
      ],
    );
    assert.match(views[0]?.accessibilityLabel ?? '', /fetch, reads/);
    assert.match(views[1]?.accessibilityLabel ?? '', /can change things/);
    assert.deepEqual(
      [views[2]?.description, /sign-in has ended/.test(views[2]?.accessibilityLabel ?? '')],
      ['needs a sign-in', true],
    );
    assert.equal(views[0]?.description, 'Reads entities.');
    assert.match(views[2]?.tooltip ?? '', /has ended/, 'why it is hidden is on its card as well');
  });

  test('servers view - a bus that is lost takes its servers from the view', () => {
    const problem = { code: 'server_unavailable', message: 'The bus was lost.' } as const;
    const listed = [
      { kind: 'configured', agentName: 'rockbot', url: 'ws://127.0.0.1:1' },
      { kind: 'bus_online' },
      { kind: 'servers', servers: [server()], problems: [], at: 1 },
    ] as const;
    const state = listed.reduce<ConnectionState>(reduceConnection, initialState('rockbot'));
    assert.notEqual(rootNodes(state).length, 0);
    assert.deepEqual(rootNodes(reduceConnection(state, { kind: 'bus_offline', problem })), []);
  });

  test('servers view - every id is its own, also of equal names on two servers', () => {
    const servers = [server(), server({ name: 'other', hidden: [hidden] }), server({ name: 'workiq fetch' })];
    const nodes = servers.flatMap((one) => [
      { kind: 'server' as const, server: one },
      ...childNodes({ kind: 'server', server: one }),
    ]);
    const ids = nodes.map((node) => nodeView(node).id);
    assert.equal(new Set(ids).size, ids.length);
  });

  test('servers view - hostile names and descriptions stay text on one line', () => {
    const tool = {
      ...read,
      name: 'x\u202ey\n$(alert)',
      description: `[a](command:b) <script>${'z'.repeat(1_000_000)}`,
    };
    const view = nodeView({ kind: 'tool', server: 's', tool });
    assert.doesNotMatch(`${view.label}${view.description}`, /[\u202e\n]/);
    assert.doesNotMatch(view.tooltip ?? '', /\(command:b\)|<script>/);
    assert.ok((view.tooltip ?? '').length < 10_000 && (view.description ?? '').length < 1_000);
  });
});
