// What to do next, as a window says it: never in the words of the command line, and never without what only the agent knows.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connectFailure, credentialsRefused, noAgentAnswers } from '../../extension/bus/bus-failures.ts';
import { initialState, type ConnectionState } from '../../extension/connection/connection-state.ts';
import { problemOf } from '../../extension/connection/problem.ts';
import { failedMessage } from '../../extension/connection/sign-in-outcome.ts';
import { callAdvice, signInAdvice } from '../../extension/connection/window-advice.ts';
import { advisedRun } from '../../extension/patrols/advised-run.ts';
import { assertAccountFits } from '../../extension/consent/account-check.ts';
import { describeSignInFailure } from '../../extension/consent/sign-in-failure.ts';
import { failedCall } from '../../extension/servers/failed-call.ts';
import { describeEntraRefusal } from '../../shared/entra-failure.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { blindRun, stepRecord } from '../support/patrol-samples.ts';

const commandLine = /rockbot (?:auth|agent|servers|doctor)|--\w+/;
const url = 'ws://127.0.0.1:4223';
const failure = { url, hasCredentials: false, code: undefined, socketError: undefined, cause: undefined };
const request = { authority: 'https://login.example/t', clientId: 'c', scopes: [] };
const common = { request: request as never, lastRefusal: undefined, lastFailure: undefined };

const local: readonly [name: string, error: RockBotError, names?: RegExp][] = [
  ['no bus on this machine', connectFailure(failure), /local agent/],
  ['a bus that wants credentials', credentialsRefused(url, false), /Set Bus Credentials/],
  ['a bus that refuses credentials', credentialsRefused(url, true), /operator/],
  ['no agent', noAgentAnswers('rockbot', url), /settings/],
  ['a sign-in that fails', describeSignInFailure({ ...common, error: new Error('x') }), /device code/],
  [
    'a sign-in that Entra refuses',
    describeSignInFailure({
      ...common,
      error: new Error('x'),
      lastRefusal: { error: 'invalid_grant', description: 'AADSTS50173: gone' },
    }),
  ],
];

describe('advice - of what a window runs into itself', () => {
  for (const [name, error, names = /./] of local) {
    test(`advice - ${name}`, () => {
      const texts = [
        problemOf(error).action ?? '',
        failedMessage(error, 'browser').text,
        failedCall(error).action ?? '',
      ];
      assert.doesNotMatch(texts.join('\n'), commandLine);
      assert.match(texts[0] ?? '', names);
    });
  }

  test('advice - another account', () => {
    const account = { id: 'a', username: 'a@contoso.example', tenantId: 't' };
    const current = { id: 'b', username: 'b@contoso.example', tenantId: 't' };
    assert.throws(
      () => assertAccountFits(account, { tenantId: 't', state: { account: current } } as never),
      (error) => error instanceof RockBotError && !commandLine.test(problemOf(error).action ?? ''),
    );
  });

  test('advice - a hand-off that the agent could not use', () => {
    const { message, action } = describeEntraRefusal({ error: 'invalid_grant', description: 'AADSTS50173: gone' });
    assert.match(action, commandLine, 'the words of the agent are for every program');
    const error = new RockBotError({ code: 'handoff_refused', reason: 'refresh_failed', message, action });
    assert.doesNotMatch(failedMessage(error, 'browser').text, commandLine);
  });
});

describe('advice - of what the agent says', () => {
  const said = { code: 'auth_required', message: 'Gone.', action: 'Run "rockbot auth workiq".' };
  const open: ListedServer = { name: 's', state: 'ready', type: 'streamable-http', tools: [], hidden: [] };
  const server: ListedServer = { ...open, profile: 'workiq' };
  const state = (
    status: AuthState['status'],
    servers: ConnectionState['servers'],
    since = '2026-11-23T09:00:00Z',
  ): ConnectionState => ({
    ...initialState('rockbot'),
    auth: { status, since, generation: 1 },
    servers,
  });

  test('advice - the sign-in of the agent is connected or reconnected here; what an administrator has to do is kept', () => {
    assert.equal(signInAdvice({ status: 'expired', reason: said }), 'Reconnect M365.');
    assert.equal(signInAdvice({ status: 'not_connected', reason: said }), 'Connect M365.');
    const admin = { ...said, code: 'admin_action_required', action: 'Ask an administrator.' };
    assert.equal(signInAdvice({ status: 'expired', reason: admin }), 'Ask an administrator.');
    assert.equal(signInAdvice({ status: 'connected' }), undefined);
  });

  test('advice - in the record of a run, of the run and of its steps; what is not the sign-in is kept', () => {
    const run = blindRun({ status: 'failed', error: { ...said, retryable: false } });
    assert.match(JSON.stringify(run), commandLine);
    const steps = [...run.steps, stepRecord({ server: 's', error: { ...said, retryable: false } })];
    const other = stepRecord({ error: { ...said, code: 'throttled', retryable: true, action: 'Wait.' } });
    const shown = advisedRun({ ...run, steps: [...steps, other] }, state('expired', [server]));
    assert.equal(shown.error?.action, 'Reconnect M365, then run the patrol again.');
    assert.equal(shown.steps.at(-2)?.error?.action, 'Reconnect M365, then run the patrol again.');
    assert.equal(shown.steps.at(-1)?.error?.action, 'Wait.');
    assert.doesNotMatch(JSON.stringify(shown), commandLine);
    const later = advisedRun(
      { ...run, startedAt: '2026-11-23T10:00:00Z' },
      state('connected', [], '2026-11-23T11:00:00Z'),
    );
    assert.match(later.error?.action ?? '', /has been connected since: run the patrol again/);
  });

  for (const [name, code, given, expected] of [
    ['expired', 'auth_required', state('expired', [server]), /^Reconnect M365, then/],
    ['nobody connected', 'auth_required', state('not_connected', undefined), /^Connect M365, then/],
    [
      'connected meanwhile',
      'auth_required',
      state('connected', [server], '2026-11-23T11:00:00Z'),
      /run the tool again/,
    ],
    ['refused while connected', 'auth_required', state('connected', [server]), /Signing in again does not help/],
    ['a server without the account', 'auth_required', state('expired', [open]), undefined],
    ['no servers', 'tool_not_found', state('connected', []), /Add Work IQ/],
    ['no such tool', 'tool_not_found', state('connected', [server]), undefined],
    ['throttled', 'throttled', state('connected', [server]), undefined],
  ] as const) {
    test(`advice - a call, ${name}`, () => {
      const advice = callAdvice({ code }, { server: 's', startedAt: '2026-11-23T10:00:00Z' }, given);
      if (expected === undefined) assert.equal(advice?.text, undefined);
      else assert.match(advice?.text ?? '', expected);
    });
  }
});
