import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { fenceViolation } from './fence-rules.ts';
import { importsIn, sourceImports } from './source-imports.ts';

describe('import fences', () => {
  const forbidden: [from: string, to: string][] = [
    ['shared/redaction.ts', 'node:fs'],
    ['shared/redaction.ts', 'agent/logger.ts'],
    ['agent/bus.ts', 'extension/bus.ts'],
    ['extension/bus.ts', 'agent/bus.ts'],
    ['agent/logger.ts', 'test/support/child.ts'],
    ['agent/auth/msal-cache.ts', 'agent/bridge/bridge.ts'],
    ['agent/auth/profiles.ts', 'agent/bus.ts'],
    ['agent/bridge/bridge.ts', 'agent/bus.ts'],
    ['agent/bridge/bridge.ts', 'agent/bus/connection-options.ts'],
    ['agent/bridge/bridge.ts', 'agent/auth/account-session.ts'],
    ['agent/handlers/invoke-handler.ts', 'node_modules/nats.ws/esm/nats.js'],
    ['agent/auth/account-session.ts', 'node_modules/@azure/msal-node/dist/index.mjs'],
    ['agent/handlers/invoke-handler.ts', 'node_modules/@modelcontextprotocol/sdk/dist/esm/types.js'],
    ['agent/patrols/run-patrol.ts', 'node_modules/luxon/src/luxon.js'],
    ['extension/consent/hand-off.ts', 'vscode'],
    ['extension/cli/main.ts', 'vscode'],
    ['extension/activity/activity-log.ts', 'vscode'],
    ['extension/connection/connection-session.ts', 'vscode'],
    ['extension/elicitation/elicitation-desk.ts', 'vscode'],
    ['extension/patrols/patrol-tree.ts', 'vscode'],
    ['extension/results/result-parts.ts', 'vscode'],
    ['extension/servers/server-tree.ts', 'vscode'],
    ['extension/tool-form/form-session.ts', 'vscode'],
    ['extension/webview/result/main.ts', 'vscode'],
    ['extension/contributions.ts', 'vscode'],
    ['test/unit/redaction.test.ts', 'node_modules/fast-check'],
  ];
  for (const [from, to] of forbidden) {
    test(`import fences - ${from} may not import ${to}`, () => {
      assert.notEqual(fenceViolation({ from, to }), undefined);
    });
  }

  const allowed: [from: string, to: string][] = [
    ['agent/bus.ts', 'node_modules/nats.ws/esm/nats.js'],
    ['agent/bus/connection-options.ts', 'node_modules/nats.ws/esm/nats.js'],
    ['agent/bus.ts', 'shared/contract/contract.ts'],
    ['extension/extension.ts', 'vscode'],
    ['extension/ui/questions.ts', 'vscode'],
    ['agent/bridge/bridge.ts', 'agent/auth/token-provider.ts'],
    ['test/support/stack.ts', 'extension/bus.ts'],
    ['test/support/repeatable-fast-check.ts', 'node_modules/fast-check'],
  ];
  for (const [from, to] of allowed) {
    test(`import fences - ${from} may import ${to}`, () => {
      assert.equal(fenceViolation({ from, to }), undefined);
    });
  }

  test('import fences - no source crosses them, not for a type either', async () => {
    const imports = await sourceImports();
    assert.ok(imports.length > 1_000, `only ${imports.length} imports were seen`);
    const crossing = imports.flatMap((candidate) => {
      const problem = fenceViolation(candidate);
      return problem === undefined ? [] : [`${candidate.from} imports ${candidate.to}: ${problem}`];
    });
    assert.deepEqual(crossing, []);
  });

  for (const seeded of [
    "import type { Uri } from 'vscode';",
    "import {\n  type Uri,\n  window,\n} from 'vscode';",
    "export { window } from 'vscode';",
    "import 'vscode';",
    "const { window } = await import('vscode');",
    "import type { Bus } from '../../agent/bus.ts';",
  ]) {
    test(`import fences - ${JSON.stringify(seeded)} seeded into the source is found`, () => {
      const imports = importsIn('extension/elicitation/elicitation-desk.ts', `// A part.\n${seeded}\nconst a = 1;\n`);
      assert.equal(imports.map(fenceViolation).filter((problem) => problem !== undefined).length, 1);
    });
  }

  test('import fences - a seeded violation turns types and lint red', async (context) => {
    const copy = await mkdtemp(join(tmpdir(), 'rockbot-fences-'));
    context.after(() => rm(copy, { recursive: true, force: true }));
    for (const part of ['shared', 'agent', 'tsconfig.base.json', '.oxlintrc.json', 'package.json'])
      await cp(part, join(copy, part), { recursive: true });
    await symlink(resolve('node_modules'), join(copy, 'node_modules'));
    await writeFile(
      join(copy, 'shared', 'seeded.ts'),
      "import { readFileSync } from 'node:fs';\nexport const seeded = readFileSync;\n",
    );
    await cp('extension', join(copy, 'extension'), { recursive: true });
    await writeFile(join(copy, 'agent', 'seeded.ts'), "export { connectBus } from '../extension/bus.ts';\n");
    const types = await run('tsc', ['-b', 'agent'], copy);
    assert.notEqual(types.code, 0);
    assert.match(types.output, /shared\/seeded\.ts/);
    const agentTypes = await run('tsc', ['-p', 'agent'], copy);
    assert.match(agentTypes.output, /extension\/bus\.ts/);
    const lint = await run('oxlint', [], copy);
    assert.notEqual(lint.code, 0);
    assert.match(lint.output, /shared\/seeded\.ts/);
    assert.match(lint.output, /agent\/seeded\.ts/);
  });
});

function run(program: string, args: string[], cwd: string): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    execFile(
      resolve('node_modules/.bin', program),
      args,
      { cwd, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        done({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
      },
    );
  });
}
