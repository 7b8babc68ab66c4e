// The package that users install: what is in it, and that VS Code installs and runs it as any other.
import assert from 'node:assert/strict';
import { glob, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { runCommand } from '../../extension/local/run-command.ts';
import { activationTime } from '../support/workbench/activation-time.ts';
import { workbenchObstacle } from '../support/workbench/provide-workbench.ts';
import { startWorkbench, type Workbench } from '../support/workbench/start-workbench.ts';

const repository = new URL('../..', import.meta.url).pathname;
const largestBytes = 1.5 * 1024 * 1024;
const manifest = z.looseObject({
  main: z.string(),
  icon: z.string().optional(),
  contributes: z.looseObject({ commands: z.array(z.object({ command: z.string(), title: z.string() })) }),
});

describe('vsix', { skip: await workbenchObstacle() }, () => {
  const started = new AsyncDisposableStack();
  let vsix: string;
  let workbench: Workbench;
  /** Of the installed extension. */
  let root: string;
  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-vsix-test-'));
    started.defer(() => rm(folder, { recursive: true, force: true }));
    const { code, stdout, stderr } = await runCommand(process.execPath, {
      args: ['package.mjs', folder],
      cwd: repository,
      env: process.env,
      timeoutMs: 240_000,
    });
    assert.equal(code, 0, stdout + stderr);
    const [found] = await Array.fromAsync(glob(join(folder, '*.vsix')));
    assert.ok(found);
    vsix = found;
    workbench = started.use(await startWorkbench({ name: 'vsix', vsix }));
    const [installed] = await Array.fromAsync(glob(join(workbench.dataFolder, 'extensions', 'rockbot.rockbot-*')));
    assert.ok(installed);
    root = installed;
  });
  after(() => started.disposeAsync());

  const files = async (): Promise<string[]> => {
    const entries = await Array.fromAsync(glob('**/*', { cwd: root, withFileTypes: true }));
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1));
  };

  test('vsix - is at most 1.5 MB', async (t) => {
    const { size } = await stat(vsix);
    t.diagnostic(`${(size / 1024).toFixed(0)} KB`);
    assert.ok(size <= largestBytes, `${size} bytes`);
  });

  test('vsix - holds what runs and what is shown, and nothing else', async () => {
    const expected =
      /^(package\.json|readme\.md|changelog\.md|LICENSE\.txt|\.vsixmanifest|dist\/(?!cli|meta)[\w-]+\.cjs|dist\/THIRD-PARTY-LICENSES\.txt|dist\/sbom\.cdx\.json|dist\/webview\/.+\.(js|css|ttf)|extension\/media\/.+\.(svg|png|md)|extension\/schemas\/.+\.json|docs\/(patrols|mcp-json)\.md)$/;
    const there = await files();
    assert.ok(there.includes('dist/extension.cjs'), there.join());
    assert.deepEqual(
      there.filter((file) => !expected.test(file)),
      [],
    );
  });

  test('vsix - holds every file that its manifest names', async () => {
    const text = await readFile(join(root, 'package.json'), 'utf8');
    const { main, icon } = manifest.parse(JSON.parse(text));
    const media = Array.from(text.matchAll(/"(?:\.\/)?([\w./-]+\.(?:svg|png|md|schema\.json))"/g), ([, file]) => file);
    assert.ok(media.length > 0, 'the manifest names pictures and schemas');
    const named = [main, icon, ...media].filter((file) => file !== undefined);
    const there = await files();
    assert.deepEqual(
      named.filter((file) => !there.includes(file.replace(/^\.\//, ''))),
      [],
    );
  });

  test('vsix - its manifest is free of what concerns npm alone', async () => {
    const fields = Object.keys(manifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))));
    assert.deepEqual(
      fields.filter((field) => /^(bin|dependencies|devDependencies|overrides|scripts|type)$/.test(field)),
      [],
    );
  });

  test('vsix - once installed, the palette and the activity bar have RockBot', async () => {
    const { window } = workbench;
    await window.quickInput.openPalette('>RockBot: Connect M365', 'RockBot: Connect M365');
    await window.screenshot('palette');
    await window.quickInput.cancel();
    await window.openContainer('RockBot');
    for (const view of ['Servers', 'Patrols', 'Activity']) await window.view(view).waitFor();
    await window.screenshot('views');
  });

  test('vsix - once installed, its commands run', async () => {
    const { window } = workbench;
    await window.runCommand('RockBot: Show Log');
    await window.page.locator('.part.panel').getByText('Output').first().waitFor();
    await window.screenshot('log');
  });

  test('vsix - VS Code reports how long the activation took', async (t) => {
    const { window } = workbench;
    const times: number[] = [];
    while (times.length < 3) {
      if (times.length > 0) await window.reload();
      times.push(await activationTime(window, 'RockBot'));
    }
    const report = `VS Code reports ${Math.min(...times)} ms for the activation of RockBot (best of ${times.join(', ')}).`;
    t.diagnostic(report);
    console.error(report);
  });
});
