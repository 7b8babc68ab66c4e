// A window that is loaded anew while a sign-in runs: the next one says so, once, and knows nothing but when and which way.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createSignInMark, takeInterruptedSignIn } from '../../extension/connection/sign-in-mark.ts';
import { SignInSession } from '../../extension/connection/sign-in-session.ts';
import type { SignInWay } from '../../extension/connection/sign-in-way.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { shownInVscode } from '../support/vscode-stand-in.ts';

const { createSignInCommands } = await import('../../extension/ui/sign-in-commands.ts');

const start = Date.parse('2026-11-23T10:00:00Z');
const minute = 60_000;

function windowMemory() {
  const kept = new Map<string, unknown>();
  return {
    kept,
    get: (key: string) => kept.get(key),
    // As VS Code keeps it: as JSON, and undefined takes it away.
    update: async (key: string, value: unknown) => {
      if (value === undefined) kept.delete(key);
      else kept.set(key, JSON.parse(JSON.stringify(value)));
    },
  };
}

function commandsOf(memory: ReturnType<typeof windowMemory>, way: SignInWay) {
  const profile = Promise.withResolvers<never>();
  const ways: SignInWay[] = [];
  const commands = createSignInCommands({
    createSession: (person) =>
      new SignInSession({
        bus: { request: () => profile.promise },
        agentSignal: () => new AbortController().signal,
        signer: async () => ({}) as never,
        loadConsent: () => profile.promise,
        http: async () => ({}) as never,
        person: {
          ...person,
          changed: (running) => {
            if (running !== undefined) ways.push(running.way);
            person.changed(running);
          },
        },
      }),
    mark: createSignInMark({ memory, now: () => start }),
    state: () => assert.fail('it is not connected'),
    tell: () => undefined,
    keys: { approve: () => assert.fail('there is no key') } as never,
    way: () => way,
    overrides: () => ({}),
    disconnect: () => assert.fail('nobody disconnects'),
    refresh: () => Promise.resolve(),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  return { commands, ways, fail: (error: Error) => profile.reject(error) };
}

beforeEach(() => {
  shownInVscode.messages = [];
  shownInVscode.answer = () => undefined;
});

describe('sign-in - interrupted by a reload', () => {
  for (const way of ['browser', 'device_code'] as const) {
    test(`sign-in - the next window tells of the ${way} once, and tries again the same way`, async () => {
      const memory = windowMemory();
      const before = commandsOf(memory, way);
      void before.commands.connect();
      await setImmediate();
      assert.deepEqual([...memory.kept.values()], [{ at: start, way }], 'nothing else is kept');
      // VS Code ends the parts of the window, and the bus with them, which fails what waits for it.
      before.commands.dispose();
      before.fail(new RockBotError({ code: 'cancelled', message: 'The connection to the bus was closed.' }));
      await setImmediate();

      const interrupted = takeInterruptedSignIn(memory, start + minute);
      assert.equal(interrupted, way);
      assert.equal(takeInterruptedSignIn(memory, start + minute), undefined, 'never twice');
      shownInVscode.messages = [];
      shownInVscode.answer = ({ items }) => (shownInVscode.messages.length === 1 ? items[0] : undefined);
      const after = commandsOf(memory, way === 'browser' ? 'device_code' : 'browser');
      const told = after.commands.tellInterrupted(way);
      await setImmediate();
      assert.equal(
        shownInVscode.messages[0]?.text,
        'The sign-in was interrupted by the reload of the window; nothing was handed over.',
      );
      assert.deepEqual(shownInVscode.messages[0]?.items, ['Try Again']);
      assert.equal(after.ways[0], way);
      after.fail(new RockBotError({ code: 'cancelled', message: 'The sign-in was cancelled.' }));
      await told;
    });
  }

  test('sign-in - one that ended by itself is not told of', async () => {
    const memory = windowMemory();
    const { commands, fail } = commandsOf(memory, 'browser');
    const ended = commands.connect();
    fail(new RockBotError({ code: 'cancelled', message: 'The sign-in was cancelled.' }));
    await ended;
    assert.deepEqual([...memory.kept], []);
  });

  test('sign-in - what may have been handed over is not said to be none', () => {
    const memory = windowMemory();
    const mark = createSignInMark({ memory, now: () => start });
    mark.follow({ way: 'browser', step: 'sign_in' });
    mark.follow({ way: 'device_code', step: 'sign_in' });
    assert.deepEqual([...memory.kept.values()], [{ at: start, way: 'device_code' }]);
    mark.follow({ way: 'device_code', step: 'sealing' });
    assert.deepEqual([...memory.kept], []);
  });

  for (const [what, kept] of [
    ['an old one', { at: start - 16 * minute, way: 'browser' }],
    ['one of a clock that was set back', { at: start + minute, way: 'browser' }],
    ['what is none', { at: 'now', way: 'carrier pigeon' }],
  ] as const) {
    test(`sign-in - ${what} is dropped without a word`, async () => {
      const memory = windowMemory();
      const mark = createSignInMark({ memory, now: () => start });
      mark.follow({ way: 'browser', step: 'profile' });
      for (const key of memory.kept.keys()) memory.kept.set(key, kept);
      assert.equal(takeInterruptedSignIn(memory, start), undefined);
      assert.deepEqual([...memory.kept], []);
    });
  }
});
