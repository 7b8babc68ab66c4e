// Another agent, or another bus, while a sign-in runs: it ends at once with one message, sends nothing, and leaves nothing behind.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { AuthProfile } from '../../shared/contract/auth-messages.ts';
import { ConnectionSession } from '../../extension/connection/connection-session.ts';
import { SignInSession } from '../../extension/connection/sign-in-session.ts';
import { until } from '../support/until.ts';
import { shownInVscode } from '../support/vscode-stand-in.ts';

const { createSignInCommands } = await import('../../extension/ui/sign-in-commands.ts');

const url = 'ws://127.0.0.1:1';
const account = { id: 'a', username: 'adele@contoso.example', tenantId: 't' };

/** A window whose bus answers everything; `until`: how far the sign-in gets before it waits for the person or the agent. */
function startWindow({ waits }: { waits: 'key' | 'browser' | 'agent' }) {
  const sent: string[] = [];
  const waiting = Promise.withResolvers<never>();
  waiting.promise.catch(() => undefined);
  const session = new ConnectionSession({
    openBus: async (target) =>
      ({
        url: target.url,
        subscribe: () => undefined,
        onEvent: () => () => undefined,
        close: async () => undefined,
        request: async (name: string) => {
          sent.push(`${name} ${target.agentName}`);
          if (name === 'authCache') return waiting.promise;
          return new Promise(() => undefined);
        },
      }) as never,
    onState: () => undefined,
    onToolResult: () => undefined,
    onToolProgress: () => undefined,
    log: { info: () => undefined, warn: () => undefined },
  });
  const key = Promise.withResolvers<void>();
  let late: (() => Promise<unknown>) | undefined;
  const consent = {
    handOff: async (options: {
      approveKey: (fingerprint: string, profile: AuthProfile) => Promise<void>;
      signIn: (request: unknown) => Promise<unknown>;
      onStep: (step: string) => void;
      bus: { request: (name: string, payload: unknown, options: unknown) => Promise<unknown> };
      signal: AbortSignal;
    }) => {
      await options.approveKey('SHA256:one', {} as never);
      options.onStep('sign_in');
      await options.signIn({});
      options.onStep('waiting_for_agent');
      return options.bus.request('authCache', { sealed: 's' }, { signal: options.signal });
    },
    signInWithBrowser: async (_request: unknown, { openBrowser }: { openBrowser: (page: string) => Promise<void> }) => {
      // What the library does that knows no cancel.
      late = () => openBrowser('https://late');
      await openBrowser('https://page');
      if (waits === 'browser') await waiting.promise;
      return { account, cache: 'c' };
    },
  };
  const pages: string[] = [];
  const signIn = createSignInCommands({
    createSession: (person) =>
      new SignInSession({
        bus: session,
        agentSignal: () => session.agentSignal,
        signer: async () => ({}) as never,
        loadConsent: async () => consent as never,
        http: async () => ({}) as never,
        person: {
          ...person,
          openPage: async (page) => {
            pages.push(page);
            return true;
          },
        },
      }),
    mark: { follow: () => undefined, keep: () => undefined },
    state: () => session.state,
    tell: (event) => session.signInChanged(event),
    keys: {
      approve: async (_fingerprint, _profile, onAsked) => {
        if (waits !== 'key') return;
        onAsked();
        await key.promise;
      },
    },
    way: () => 'browser',
    overrides: () => ({}),
    disconnect: () => assert.fail('nobody disconnects'),
    refresh: () => Promise.resolve(),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const go = (agentName: string, more: { url?: string; identity?: string } = {}): Promise<void> =>
    session.configure({ url, agentName, identity: `${more.url ?? url} ${agentName}`, ...more });
  return { session, signIn, sent, pages, go, trust: () => key.resolve(), late: () => late?.() };
}

async function started(window: ReturnType<typeof startWindow>, step: string): Promise<{ ended: Promise<void> }> {
  await window.go('rockbot');
  await until('a bus', () => window.sent.length > 0);
  const ended = window.signIn.connect();
  await until(step, () => window.session.state.signIn?.step === step);
  return { ended };
}

beforeEach(() => {
  shownInVscode.messages = [];
  shownInVscode.answer = () => undefined;
});

describe('sign-in - another agent while it runs', () => {
  for (const [waits, step] of [
    ['browser', 'sign_in'],
    ['key', 'key'],
  ] as const) {
    for (const [what, change] of [
      ['another name', (window: ReturnType<typeof startWindow>) => window.go('other')],
      ['another bus', (window: ReturnType<typeof startWindow>) => window.go('rockbot', { url: 'ws://127.0.0.1:2' })],
      [
        'no bus',
        ({ session }: ReturnType<typeof startWindow>) =>
          session.configure({ url: undefined, agentName: 'rockbot', identity: undefined }),
      ],
    ] as const) {
      test(`sign-in - ${what} at the step "${step}" ends it with one message, and the state is the new agent's`, async () => {
        const window = startWindow({ waits });
        const { ended } = await started(window, step);
        await change(window);
        assert.equal(window.session.state.signIn, undefined, 'at once');
        await ended;
        assert.equal(window.session.state.signIn, undefined);
        assert.equal(window.session.state.refusal, undefined);
        assert.equal(shownInVscode.messages.length, 1);
        assert.match(
          shownInVscode.messages[0]?.text ?? '',
          /^The agent was changed while the sign-in ran; it was ended, nothing was sent\.$/,
        );
        assert.deepEqual(shownInVscode.messages[0]?.items, ['Try Again']);
        // The person answers what is still on screen; the browser opens late.
        window.trust();
        await window.late()?.catch(() => undefined);
        await setImmediate();
        assert.equal(window.session.state.signIn, undefined);
        assert.deepEqual(window.pages, waits === 'browser' ? ['https://page'] : []);
        assert.deepEqual(
          window.sent.filter((name) => name.startsWith('authCache')),
          [],
        );
        assert.equal(shownInVscode.messages.length, 1);
      });
    }
  }

  test('sign-in - a hand-off under way is not said to be unsent', async () => {
    const window = startWindow({ waits: 'agent' });
    const { ended } = await started(window, 'waiting_for_agent');
    await window.go('other');
    await ended;
    assert.equal(shownInVscode.messages.length, 1);
    assert.doesNotMatch(shownInVscode.messages[0]?.text ?? '', /nothing was sent/);
    assert.equal(window.session.state.signIn, undefined);
  });

  test('sign-in - other credentials, or another port of the same local agent, leave it alone', async () => {
    const window = startWindow({ waits: 'browser' });
    await window.session.configure({ url, agentName: 'rockbot', identity: 'local rockbot' });
    await until('a bus', () => window.sent.length > 0);
    const ended = window.signIn.connect();
    await until('the page', () => window.pages.length > 0);
    await window.session.configure({ url: 'ws://127.0.0.1:2', agentName: 'rockbot', identity: 'local rockbot' });
    await setImmediate();
    assert.equal(window.session.state.signIn?.step, 'sign_in');
    assert.deepEqual(shownInVscode.messages, []);
    await window.go('rockbot');
    await ended;
  });
});
