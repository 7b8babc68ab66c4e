// Holds what package.json contributes against the code: every id of the one is in the other, and the contract's are there.
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { connectionPhases } from '../../extension/connection/connection-phase.ts';
import {
  builtInCommands,
  commandIds,
  contextKeys,
  itemKinds,
  settingIds,
  viewIds,
} from '../../extension/contributions.ts';
import { readSettings } from '../../extension/settings.ts';

const menuItem = z.object({ command: z.string(), when: z.string().optional() });
const manifest = z
  .object({
    contributes: z.object({
      commands: z.array(z.object({ command: z.string(), title: z.string(), category: z.literal('RockBot') })),
      menus: z.record(z.string(), z.array(menuItem)),
      views: z.record(z.string(), z.array(z.object({ id: z.string() }))),
      viewsWelcome: z.array(z.object({ view: z.string(), contents: z.string(), when: z.string() })),
      configuration: z.object({
        properties: z.record(z.string(), z.object({ default: z.unknown(), scope: z.string() })),
      }),
    }),
  })
  .parse(JSON.parse(await readFile('package.json', 'utf8')));
const { contributes } = manifest;

function sorted(values: Iterable<string>): string[] {
  return [...values].toSorted();
}

const ownCommands = Object.entries(commandIds)
  .filter(([name]) => !builtInCommands.some((builtIn) => builtIn === name))
  .map(([, id]) => id);

describe('contributions - package.json and the code name the same things', () => {
  test('contributions - commands', () => {
    assert.deepEqual(sorted(contributes.commands.map(({ command }) => command)), sorted(ownCommands));
  });

  test('contributions - views, settings and their defaults', () => {
    assert.deepEqual(
      sorted(Object.values(contributes.views).flatMap((views) => views.map(({ id }) => id))),
      sorted(Object.values(viewIds)),
    );
    const { properties } = contributes.configuration;
    assert.deepEqual(sorted(Object.keys(properties)), sorted(Object.values(settingIds)));
    const settings = readSettings((id) => properties[id]?.default);
    assert.deepEqual(settings, {
      natsUrl: undefined,
      agentName: 'rockbot',
      agentPublicKey: undefined,
      tenantId: undefined,
      clientId: undefined,
      signIn: 'auto',
      problems: [],
      connectionProblem: undefined,
    });
  });

  test('[P3] contributions - no setting that decides where a sign-in goes can come from a workspace', () => {
    const { [settingIds.mcpJsonFiles]: files, ...others } = contributes.configuration.properties;
    // It says which files get help in the editor.
    assert.equal(files?.scope, 'resource');
    for (const [id, { scope }] of Object.entries(others)) assert.equal(scope, 'machine', id);
  });

  test('contributions - menus and welcome texts name only what exists', () => {
    const commands = new Set<string>(Object.values(commandIds));
    const keys = new Set<string>([...Object.values(contextKeys), 'view', 'viewItem']);
    const kinds = Object.values(itemKinds).map((kind) => kind.split('.')[1]);
    const clauses = [
      ...Object.values(contributes.menus).flat(),
      ...contributes.viewsWelcome.map(({ when }) => ({ command: commandIds.refresh, when })),
    ];
    for (const { command, when = '' } of clauses) {
      assert.ok(commands.has(command), command);
      for (const [, key] of when.matchAll(/(?:^|[!&|(]\s*)([\w.]+)(?=\s*(?:==|=~|>|<|>=|&&|\|\||$))/g)) {
        assert.ok(key === 'false' || keys.has(key ?? ''), `${when}: ${key}`);
      }
      for (const [, phase] of when.matchAll(/rockbot\.phase == (\w+)/g)) {
        assert.ok(
          connectionPhases.some((known) => known === phase),
          `${when}: ${phase}`,
        );
      }
      for (const [, kind] of when.matchAll(/viewItem == rockbot\.(\w+)/g))
        assert.ok(kinds.includes(kind), `${when}: ${kind}`);
    }
    for (const { contents } of contributes.viewsWelcome) {
      for (const [, id] of contents.matchAll(/\(command:([\w.]+)\)/g))
        assert.ok(commands.has(id ?? ''), `${contents}: ${id}`);
    }
  });

  test('contributions - every phase without servers has a welcome text that leads one step further', () => {
    for (const phase of connectionPhases) {
      const texts = contributes.viewsWelcome.filter(({ view, when }) => {
        const named = /rockbot\.phase (?:==|=~) (?:(\w+)|\/\^\(([\w|]+)\)\$\/)/.exec(when);
        return view === viewIds.servers && (named?.[1] === phase || named?.[2]?.split('|').includes(phase));
      });
      assert.notEqual(texts.length, 0, phase);
      if (phase !== 'bus_connecting') assert.match(texts[0]?.contents ?? '', /\(command:/, phase);
    }
  });
});

test('settings - a wrong value is named and counts as not set', () => {
  const given: Record<string, unknown> = {
    [settingIds.natsUrl]: 'http://x',
    [settingIds.agentName]: 'Has Space',
    [settingIds.signIn]: 'sometimes',
    [settingIds.tenantId]: 7,
  };
  const settings = readSettings((id) => given[id]);
  assert.deepEqual(
    [settings.natsUrl, settings.agentName, settings.signIn, settings.tenantId],
    [undefined, 'rockbot', 'auto', undefined],
  );
  for (const id of Object.keys(given))
    assert.ok(
      settings.problems.some((problem) => problem.startsWith(id)),
      id,
    );
  assert.equal(settings.connectionProblem, settings.problems[0]);
  const secret = readSettings((id) => (id === settingIds.natsUrl ? 'wss://user:hunter2@bus' : undefined));
  assert.doesNotMatch(secret.problems.join(), /hunter2/);
});

test('extension - what is shown passes one place, where text from outside cannot become a link', async () => {
  for await (const file of glob('extension/**/*.ts')) {
    if (file.endsWith('extension/ui/messages.ts')) continue;
    const code = await readFile(file, 'utf8');
    assert.doesNotMatch(
      code,
      /window\.(?:show(?:Information|Warning|Error)Message|withProgress|setStatusBarMessage)\b/,
      file,
    );
  }
});

test('extension - its main bundle is small, and what only a sign-in, a bus, a result or a form needs is not in it', async () => {
  const { outputs } = z
    .object({
      outputs: z.record(z.string(), z.object({ bytes: z.number(), inputs: z.record(z.string(), z.unknown()) })),
    })
    .parse(JSON.parse(await readFile('dist/meta.json', 'utf8')));
  const main = outputs['dist/extension.cjs'];
  assert.ok(main !== undefined && main.bytes <= 200_000, `${main?.bytes} bytes`);
  const lazy = Object.keys(main.inputs).filter((input) =>
    /@azure\/|nats\.ws|nkeys|tweetnacl|node_modules\/zod|\/jose\/|undici|to-markdown|form-session|sign-in-session/.test(
      input,
    ),
  );
  assert.deepEqual(lazy, []);
});
