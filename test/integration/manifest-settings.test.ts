// Settings in the manifests against those of the agent: none that it does not know, none that it knows left out, and the defaults told there
// are its defaults.
import assert from 'node:assert/strict';
import { glob } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createUser } from '@nats-io/nkeys';
import { loadConfig } from '../../agent/config/agent-config.ts';
import { ConfigError } from '../../agent/config/config-problems.ts';
import { buildManifests, kubernetesFolder, withoutKubectl } from '../support/kustomize.ts';
import { agentSettings } from '../support/pod.ts';

const root = new URL('../../', import.meta.url).pathname;
const ids = {
  WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
  WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
};
/** Of Node itself. */
const nodeSettings = ['NODE_OPTIONS'];

/** Every setting that agent.env names, set or with # in front of it. */
const listed = new Map<string, { value: string; isSet: boolean }>();
for (const line of readFileSync(join(kubernetesFolder, 'base/agent.env'), 'utf8').split('\n')) {
  const { hash, name, value } =
    /^(?<hash>#?)(?<name>[A-Z]\w*(?:\{name\}__\w+)?)=(?<value>.*)$/.exec(line)?.groups ?? {};
  if (name !== undefined && value !== undefined) listed.set(name, { value, isSet: hash === '' });
}

/** Every setting that the contract names in its table and below it. */
function contractSettings(): string[] {
  const text = readFileSync(join(root, 'docs/contract.md'), 'utf8');
  const section = text.slice(text.indexOf('## Agent configuration'), text.indexOf('## mcp.json'));
  const names = [...section.matchAll(/`((?:Auth__Profiles__\{name\}|[A-Z][A-Za-z]+)__[A-Za-z]+|ROCKBOT_CONFIG)`/g)].map(
    ([, name]) => name ?? '',
  );
  const further = [...section.matchAll(/`…__([A-Za-z]+)`/g)].map(([, name]) => `Auth__Profiles__{name}__${name ?? ''}`);
  return [...new Set([...names, ...further])].sort();
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
}

test('manifest settings - agent.env lists every setting of the contract, and no other', () => {
  assert.ok(listed.size > 25);
  assert.deepEqual([...listed.keys()].sort(), contractSettings());
});

test('manifest settings - the agent knows every setting that is listed, and reads none that is not', async () => {
  for (const name of listed.keys()) {
    const unknown = problemsOf({ ...ids, [name.replace('{name}', 'graph')]: 'x' }).filter((problem) =>
      problem.includes('is no setting of the agent'),
    );
    assert.deepEqual(unknown, [], name);
  }
  assert.match(problemsOf({ ...ids, Nats__Uri: 'x' }).join(), /Nats__Uri is no setting of the agent/);
  for await (const file of glob('agent/**/*.ts', { cwd: root })) {
    const source = readFileSync(join(root, file), 'utf8');
    for (const [, name = ''] of source.matchAll(
      /'((?:Agent|Nats|WorkIQ|McpBridge|Patrols|Http|Log|Notify)__[A-Za-z]\w*)'/g,
    ))
      if (!name.endsWith('__')) assert.ok(listed.has(name), `${name} of ${file} is not in agent.env`);
  }
});

test('manifest settings - a default that agent.env tells is the one that the agent takes', () => {
  const set = Object.fromEntries(
    [...listed]
      .filter(([name, { value }]) => value !== '' && !name.includes('{') && !/File$|^Nats__Url$/.test(name))
      .map(([name, { value }]) => [name, value]),
  );
  const plain = { ...ids, Agent__DataDir: '/data/agent' };
  assert.deepEqual(loadConfig({ ...plain, ...set }), loadConfig(plain));
  assert.equal(listed.get('WorkIQ__CacheFile')?.value, loadConfig(plain).workiq.cacheFile);
  const told = Object.keys(set);
  for (const name of [
    'WorkIQ__Scopes',
    'WorkIQ__Authority',
    'McpBridge__MaxTimeoutMs',
    'Patrols__Path',
    'Http__Port',
    'Log__Level',
  ])
    assert.ok(told.includes(name), name);
});

describe('manifest settings', { skip: withoutKubectl }, () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockbot-manifests-'));
    await writeFile(join(folder, 'nkey.seed'), createUser().getSeed());
    await writeFile(join(folder, 'cache.key'), Buffer.alloc(32, 0xee));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  /** What the pod's agent finds, with the files of the Secrets where they can be read here. */
  async function settingsOf(overlay: string): Promise<Record<string, string>> {
    const settings = agentSettings(await buildManifests(`overlays/${overlay}`));
    return Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [name, value.replace(/^\/etc\/rockbot\/[\w-]+/, folder)]),
    );
  }

  for (const overlay of ['dev', 'prod']) {
    test(`manifest settings - all of ${overlay} are known, and Node's own besides`, async () => {
      for (const name of Object.keys(await settingsOf(overlay)))
        assert.ok(listed.has(name) || nodeSettings.includes(name), name);
    });
  }

  test('manifest settings - dev is complete', async () => {
    assert.deepEqual(problemsOf(await settingsOf('dev')), []);
  });

  test('manifest settings - prod as it is delivered lacks tenant and client, and nothing starts until they are there [P14]', async () => {
    const settings = await settingsOf('prod');
    assert.deepEqual(
      problemsOf(settings).map((problem) => problem.split(' ', 3).join(' ')),
      ['WorkIQ__TenantId is missing:', 'WorkIQ__ClientId is missing:'],
    );
    const config = loadConfig({ ...settings, ...ids });
    assert.equal(config.name, 'rockbot');
    assert.ok(config.nats.nkeySeed);
    assert.ok(config.workiq.cacheKey);
    assert.deepEqual(config.warnings, []);
  });

  test('manifest settings - prod does not start without the file of a Secret [P14]', async () => {
    const settings = { ...(await settingsOf('prod')), ...ids };
    const gone = join(folder, 'not-there');
    assert.match(
      problemsOf({ ...settings, Nats__NkeySeedFile: gone }).join(' '),
      /Nats__NkeySeedFile is no path of a file/,
    );
    assert.match(
      problemsOf({ ...settings, WorkIQ__CacheKeyFile: gone }).join(' '),
      /WorkIQ__CacheKeyFile is no path of a file/,
    );
  });
});
