// What VS Code asks before a sign-in about the agent that answers: its key, and where it wants the sign-in.
import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { describe, test } from 'node:test';
import type { AuthProfile } from '../../shared/contract/auth-messages.ts';

/** Modal questions, and the button that is pressed. */
const asked = { texts: [] as string[], press: undefined as string | undefined };
Object.assign(globalThis, { askedInVscode: asked });
const vscode = `
  const asked = globalThis.askedInVscode;
  const ask = async (text, options, ...buttons) => {
    asked.texts.push(text + ' ' + (options?.detail ?? ''));
    return buttons.find((button) => button === asked.press);
  };
  export const env = { clipboard: { writeText: async () => {} } };
  export const window = { showWarningMessage: ask, showErrorMessage: ask, showInformationMessage: ask, setStatusBarMessage() {} };
  export const ProgressLocation = { Notification: 15, Window: 10 };`;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode'
      ? { url: `data:text/javascript,${encodeURIComponent(vscode)}`, shortCircuit: true }
      : next(specifier, context),
});
const { createKeyApproval } = await import('../../extension/ui/key-approval.ts');

const kid = 'RTP1Z7m35-m7V_3rI4VZzGQQKMPnQxk4Ql5bWVw5uIA';
const publicKey = { kty: 'OKP' as const, crv: 'X25519' as const, x: 'x', kid };
const microsoft = 'https://login.microsoftonline.com/t';
const own = 'https://sign-in.example/t';

function scene({ pinned }: { pinned?: string } = {}) {
  const kept = new Map<string, unknown>();
  const keys = createKeyApproval({
    memory: {
      get: (key: string) => kept.get(key),
      update: async (key: string, value: unknown) => void kept.set(key, value),
      keys: () => [...kept.keys()],
    } as never,
    agent: () => ({ busUrl: 'ws://bus.example', name: 'rockbot', pinned, localFolder: undefined }),
  });
  return {
    kept,
    /** The questions that were asked. */
    async approve(authority: string, press?: string): Promise<string[]> {
      asked.texts = [];
      asked.press = press;
      const profile = { publicKey, authority, state: { status: 'not_connected', since: '', generation: 0 } };
      await keys.approve(`SHA256:${kid}`, profile as unknown as AuthProfile, () => undefined);
      return asked.texts;
    },
  };
}

const refused = { code: 'handoff_refused', message: /wants the sign-in at https:\/\/.*; nothing was sent/ };

describe('key approval', () => {
  test('key approval - a known key with Microsoft as its sign-in service is asked about once', async () => {
    const { approve } = scene();
    const [first = '', ...more] = await approve(microsoft, 'Trust and Continue');
    assert.equal(more.length, 0);
    assert.doesNotMatch(first, /not of Microsoft/);
    assert.deepEqual(await approve(microsoft), []);
    assert.deepEqual(await approve('https://login.microsoftonline.us/t'), []);
  });

  test('key approval - the first question says where the sign-in is when that is not Microsoft, and is the last', async () => {
    const { approve } = scene();
    const [first = '', ...more] = await approve(own, 'Trust and Continue');
    assert.match(first, /sign in at https:\/\/sign-in\.example, which is not of Microsoft/);
    assert.equal(more.length, 0);
    assert.deepEqual(await approve(own), []);
  });

  test('key approval - the known key and another sign-in service: no sign-in unless a person says so [P3]', async () => {
    const { approve } = scene();
    await approve(microsoft, 'Trust and Continue');
    for (const press of [undefined, 'Stop']) await assert.rejects(approve(own, press), refused);
    assert.match(
      asked.texts[0] ?? '',
      /Before: https:\/\/login\.microsoftonline\.com\nNow: https:\/\/sign-in\.example/,
    );
    await approve(own, 'Sign In There');
    assert.deepEqual(await approve(own), []);
    await assert.rejects(approve('https://sign-in.example.evil.example/t'), refused);
  });

  test('key approval - a key that was trusted before services were remembered is asked about another one than Microsoft', async () => {
    const { approve, kept } = scene();
    kept.set('rockbot.knownAgents', { 'ws://bus.example rockbot': `SHA256:${kid}` });
    await assert.rejects(approve(own), refused);
    assert.deepEqual(await approve(microsoft), []);
  });

  test('key approval - a pinned key vouches for the first sign-in service, and for no other one [P3]', async () => {
    const { approve } = scene({ pinned: `SHA256:${kid}` });
    assert.deepEqual(await approve(own), []);
    assert.deepEqual(await approve(own), []);
    await assert.rejects(approve('https://other.example/t'), refused);
  });
});
