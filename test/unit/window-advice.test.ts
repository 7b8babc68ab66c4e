// What to do next, as a window says it: never in the words of the command line, and never without what only the agent knows.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connectFailure, credentialsRefused, noAgentAnswers } from '../../extension/bus/bus-failures.ts';
import { initialState, type ConnectionState } from '../../extension/connection/connection-state.ts';
import { problemOf } from '../../extension/connection/problem.ts';
import { failedMessage } from '../../extension/connection/sign-in-outcome.ts';
import {
  callAdvice,
  notConnectedText,
  serversInWindow,
  signInAdvice,
} from '../../extension/connection/window-advice.ts';
import { contextOfState } from '../../extension/language/context-of-state.ts';
import { errorCard } from '../../extension/results/error-card.ts';
import { childNodes, nodeView, rootNodes } from '../../extension/servers/server-tree.ts';
import { stepForHidden } from '../../extension/tool-form/outer-step.ts';
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
    ['nobody connected', 'auth_required', state('not_connected', [server]), /^Connect M365, then/],
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

  test('advice - an agent that is not connected is told in the same words everywhere', () => {
    const nobody = {
      code: 'auth_required',
      message: 'Nobody has connected Microsoft 365 to this agent yet.',
      action: 'Run "rockbot auth workiq".',
      retryable: false,
    } as const;
    const waiting: ListedServer = {
      ...server,
      state: 'auth_required',
      error: nobody,
      hidden: [{ name: 'fetch', code: 'auth_required', reason: nobody.message }],
    };
    const now = state('not_connected', [waiting]);
    const card = errorCard(nobody, callAdvice(nobody, { server: 's', startedAt: '2026-11-23T10:00:00Z' }, now));
    assert.deepEqual(
      [card.title, card.meaning, card.message, card.advice, card.step],
      ['Connect M365', notConnectedText, '', 'Connect M365, then run the tool again.', 'connect'],
    );
    const [told] = serversInWindow([waiting], now.auth);
    assert.deepEqual([told?.hidden[0]?.reason, told?.error?.message], [notConnectedText, notConnectedText]);
    assert.deepEqual(stepForHidden(waiting.hidden[0] ?? assert.fail(), 'not_connected'), {
      id: 'connect',
      label: 'Connect M365',
    });
    const views = rootNodes(now)
      .flatMap((node) => [node, ...childNodes(node)])
      .map((node) => ({ ...nodeView(node), command: '' }));
    const texts = JSON.stringify([card, told, views]);
    assert.doesNotMatch(texts, /[Rr]econnect|Sign in again|Nobody has|rockbot auth/);
    const languages = contextOfState({ ...now, agent: { kind: 'online', heardAt: 0 } });
    assert.doesNotMatch(JSON.stringify(languages.agent?.servers), /Nobody has|rockbot auth/);
    // What the agent knows of why is kept.
    const broken = { ...(now.auth ?? assert.fail()), reason: { ...nobody, message: 'The cache cannot be read.' } };
    const why = { ...waiting, error: { ...nobody, message: 'The cache cannot be read.' } };
    assert.equal(serversInWindow([why], broken)[0]?.error?.message, 'The cache cannot be read.');
    const call = { server: 's', startedAt: '2026-11-23T10:00:00Z' };
    assert.equal(callAdvice(nobody, call, { ...now, auth: broken })?.message, undefined);
    // An end is told as before.
    const ended = serversInWindow([waiting], state('expired', []).auth);
    assert.equal(ended[0]?.hidden[0]?.reason, nobody.message);
    assert.equal(stepForHidden(waiting.hidden[0] ?? assert.fail(), 'expired').id, 'reconnect');
  });
});
