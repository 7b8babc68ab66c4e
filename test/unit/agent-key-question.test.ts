// The question about the first key of an agent: what Enter and Escape do to it, and what is remembered.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { UntrustedAgentKey } from '../../extension/consent/untrusted-agent-key.ts';
import { failedMessage } from '../../extension/connection/sign-in-outcome.ts';
import { shownInVscode } from '../support/vscode-stand-in.ts';

const { createKeyApproval, knownAgentKeys } = await import('../../extension/ui/key-approval.ts');

const profile = {
  publicKey: { kid: 'k' },
  authority: 'https://login.microsoftonline.com/t',
  state: { status: 'not_connected' },
};

function approval() {
  const kept = new Map<string, unknown>();
  const memory = {
    keys: () => [...kept.keys()],
    get: (key: string) => kept.get(key),
    update: async (key: string, value: unknown) => void kept.set(key, value),
  };
  const keys = createKeyApproval({
    memory: memory as never,
    agent: () => ({ busUrl: 'ws://b', name: 'rockbot', pinned: undefined, localFolder: undefined }),
  });
  const approve = () => keys.approve('SHA256:one', profile as never, () => undefined);
  return { approve, known: () => knownAgentKeys(memory as never) };
}

beforeEach(() => {
  shownInVscode.messages = [];
});

test('agent key - Enter on the question about a first key trusts nothing, and leads on [P3]', async () => {
  const { approve, known } = approval();
  shownInVscode.answer = ({ items }) => items[0];
  const refusal: unknown = await approve().catch((error: unknown) => error);
  assert.ok(refusal instanceof UntrustedAgentKey, 'it is not trusted');
  assert.deepEqual(known(), {});
  const [question] = shownInVscode.messages;
  assert.ok(question?.isModal);
  assert.ok(question.items.includes('Trust and Continue'));
  const said = failedMessage(refusal, 'browser');
  assert.deepEqual([said.severity, said.next?.kind, said.other?.kind], ['info', 'retry', 'ask_operator']);
  assert.match(said.text, /nothing was sent/);
  assert.match(refusal.question, /SHA256:one/);
  assert.doesNotMatch(refusal.question, /than before/);
});

test('agent key - Escape trusts nothing; the person who says so is not asked again [P3]', async () => {
  const { approve, known } = approval();
  shownInVscode.answer = () => undefined;
  await assert.rejects(approve(), UntrustedAgentKey);
  shownInVscode.answer = () => 'Trust and Continue';
  await approve();
  await approve();
  assert.equal(shownInVscode.messages.length, 2);
  assert.deepEqual(known(), { 'ws://b rockbot': 'SHA256:one' });
});
