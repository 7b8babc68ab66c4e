// What is wrong with the settings is told once, with the way to the settings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { shownInVscode } from '../support/vscode-stand-in.ts';

const { createSettingProblems } = await import('../../extension/ui/setting-problems.ts');

test('settings - a problem is told once while it lasts; that of the connection is shown as its state', async () => {
  const logged: string[] = [];
  const tell = createSettingProblems({ warn: (message) => logged.push(message) });
  const problems = ['rockbot.nats.url must be …', 'rockbot.agent.publicKey must be …'];
  tell({ problems, connectionProblem: problems[0] });
  tell({ problems, connectionProblem: problems[0] });
  await setImmediate();
  assert.deepEqual(logged, problems);
  assert.deepEqual(
    shownInVscode.messages.map(({ text, items }) => [text, items]),
    [[problems[1], ['Open Settings']]],
  );
  tell({ problems: [], connectionProblem: undefined });
  tell({ problems: problems.slice(1), connectionProblem: undefined });
  assert.equal(logged.length, 3, 'it is wrong again');
});
