// What the manifest promises, asked of the VS Code that runs it.
import assert from 'node:assert/strict';
import { commands, extensions, workspace, type Extension } from 'vscode';

interface Manifest {
  contributes: {
    commands: { command: string }[];
    views?: Record<string, { id: string }[]>;
    configuration?: Configuration | Configuration[];
  };
}

interface Configuration {
  properties: Record<string, { default?: unknown }>;
}

const extension = extensions.getExtension('rockbot.rockbot') as Extension<unknown>;
const { contributes } = extension.packageJSON as Manifest;

describe('extension', () => {
  it('activates in this VS Code', async () => {
    await extension.activate();
    assert.equal(extension.isActive, true);
  });
});

describe('contributions', () => {
  before(() => extension.activate());

  it('every contributed command is registered, and no other', async () => {
    const ofViews = /\.(?:focus|open|resetViewLocation|toggleVisibility|removeView)$/;
    const registered = (await commands.getCommands(true)).filter(
      (id) => /^rockbot\.\w+(?:\.\w+)?$/.test(id) && !ofViews.test(id),
    );
    const contributed = contributes.commands.map(({ command }) => command);
    const containers = new Set(Object.keys(contributes.views ?? {}));
    assert.deepEqual(registered.filter((id) => !containers.has(id)).toSorted(), contributed.toSorted());
  });

  it('every contributed view can be shown', async () => {
    for (const { id } of Object.values(contributes.views ?? {}).flat()) await commands.executeCommand(`${id}.focus`);
  });

  it('every contributed setting is known with its default', () => {
    const configuration = [contributes.configuration ?? []].flat();
    for (const [key, { default: expected }] of configuration.flatMap(({ properties }) => Object.entries(properties))) {
      const found = workspace.getConfiguration().inspect(key);
      assert.ok(found, key);
      if (expected !== undefined) assert.deepEqual(found.defaultValue, expected, key);
    }
  });
});
