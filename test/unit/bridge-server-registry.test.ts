// Entries that users of the bus add to mcp.json: what they may, and that the operator's file stays the operator's.
import assert from 'node:assert/strict';
import { lstat, mkdir, mkdtemp, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ServerRegistry } from '../../agent/bridge/server-registry.ts';
import { parseMcpConfig } from '../../shared/mcp-config/parse-mcp-config.ts';
import type { ErrorCode } from '../../shared/errors/error-code.ts';

const url = 'https://workiq.svc.cloud.microsoft/mcp';

async function registryOn(text?: string, { isMissing = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-registry-'));
  const path = join(folder, 'mcp.json');
  if (text !== undefined) await writeFile(path, text);
  let changes = 0;
  const registry = new ServerRegistry({
    path,
    profiles: ['workiq'],
    isMissing: () => isMissing,
    onChanged: async () => {
      changes++;
    },
  });
  return {
    folder,
    path,
    registry,
    changes: () => changes,
    text: () => readFile(path, 'utf8'),
    write: (changed: string) => writeFile(path, changed),
    async names() {
      const parsed = parseMcpConfig(await readFile(path, 'utf8'), { profiles: ['workiq'] });
      assert.ok(parsed.ok);
      return parsed.servers.map(({ name }) => name);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const fails = (promise: Promise<unknown>, code: ErrorCode): Promise<void> =>
  assert.rejects(promise, (error: { code?: string; action?: string }) => {
    assert.equal(error.code, code);
    assert.ok(error.action);
    return true;
  });

describe('server registry', () => {
  test('server registry - registering makes the file, and unregistering takes the entry out again', async () => {
    await using the = await registryOn();
    await the.registry.register('workiq', { type: 'http', url, auth: { profile: 'workiq' } });
    assert.deepEqual(await the.names(), ['workiq']);
    await the.registry.unregister('workiq');
    assert.deepEqual(await the.names(), []);
    assert.equal(the.changes(), 2);
  });

  for (const text of ['{}', '{ "servers": {} }', '// nothing yet\n{ "mcpServers": {} }']) {
    test(`server registry - ${JSON.stringify(text)} is a file to register in`, async () => {
      await using the = await registryOn(text);
      await the.registry.register('a', { url });
      assert.deepEqual(await the.names(), ['a']);
    });
  }

  test("server registry - the operator's comments, order and formatting stay", async () => {
    const text = `{
  // the mail server of the department
  "mcpServers": {
    "mail": {
      "type": "http", /* not sse */
      "url":   "https://mail.example/mcp"
    },
  },
  "other": [1,2,3] // odd spacing
}
`;
    await using the = await registryOn(text);
    await the.registry.register('workiq', { url });
    const lines = (await the.text()).split('\n');
    for (const line of text.trimEnd().split('\n')) assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`);
    await the.registry.unregister('workiq');
    assert.deepEqual(await the.names(), ['mail']);
    assert.match(await the.text(), /department[^]*not sse[^]*odd spacing/);
  });

  test("server registry - an operator's entry can be neither replaced nor removed, whichever key it stands under", async () => {
    const text = JSON.stringify({
      mcpServers: { mail: { url }, broken: { url: 5 }, forged: { url, registeredOverBus: 'true' } },
      servers: { calendar: { url, registeredOverBus: true } },
    });
    await using the = await registryOn(text);
    for (const name of ['mail', 'broken', 'forged', 'calendar']) {
      await fails(the.registry.register(name, { url: 'https://evil.example/' }), 'forbidden');
      await fails(the.registry.unregister(name), 'forbidden');
    }
    assert.equal(await the.text(), text);
  });

  test('server registry - an entry over the bus can be replaced and removed over the bus, also when it became invalid', async () => {
    await using the = await registryOn();
    await the.registry.register('a', { url });
    await the.registry.register('a', { url: 'https://other.example/', registeredOverBus: false });
    assert.match(await the.text(), /other\.example/);
    await the.write((await the.text()).replace('https://other.example/', 'https://u:p@other.example/'));
    await the.registry.unregister('a');
    assert.deepEqual(await the.names(), []);
  });

  test('server registry - no entry inherits a command, or anything else, from a name that parsers read differently', async () => {
    await using the = await registryOn('{"mcpServers":{}}');
    const inherited = '{"type":"stdio","command":"sh","registeredOverBus":true}';
    for (const json of [
      `{"url":"${url}","__proto__":${inherited}}`,
      `{"url":"${url}","__pro\\u0074o__":${inherited}}`,
      `{"url":"${url}","headers":{"__proto__":{"x":"\${HOME}"}}}`,
      `{"url":"${url}","auth":{"profile":"workiq","__proto__":{}}}`,
    ])
      await fails(the.registry.register('e', JSON.parse(json) as Record<string, unknown>), 'invalid_arguments');
    assert.equal(await the.text(), '{"mcpServers":{}}');
  });

  test('server registry - an unknown name is told so', async () => {
    await using the = await registryOn('{}');
    await fails(the.registry.unregister('a'), 'tool_not_found');
  });

  const refused: [what: string, name: string, entry: Record<string, unknown>, code: ErrorCode][] = [
    ['a server with a command', 'a', { type: 'stdio', command: 'sh', args: ['-c', 'x'] }, 'forbidden'],
    ['a command without a type', 'a', { command: 'sh' }, 'forbidden'],
    ['a variable in the url', 'a', { url: 'https://evil.example/?k=${AWS_SECRET}' }, 'forbidden'],
    ['a variable in a header', 'a', { url, headers: { 'x-a': 'b${HOME}' } }, 'forbidden'],
    ['a variable behind the allowed one', 'a', { url: `${url}/\${WORKIQ_TENANT_ID}/\${HOME}` }, 'forbidden'],
    ['a credential', 'a', { url, headers: { Authorization: 'Bearer hunter2hunter2' } }, 'invalid_arguments'],
    ['a key in the path', 'a', { url: 'https://h.example/s/sk-live-hunter2hunter2' }, 'invalid_arguments'],
    ['a misspelt filter', 'a', { url, allowdTools: ['x'] }, 'invalid_arguments'],
    ['guards', 'a', { url, guards: {} }, 'invalid_arguments'],
    ['an unknown profile', 'a', { url, auth: { profile: 'x' } }, 'invalid_arguments'],
    [
      'another host for the bearer',
      'a',
      { url, auth: { profile: 'workiq' }, headers: { host: 'evil.example' } },
      'invalid_arguments',
    ],
    ['no url', 'a', {}, 'invalid_arguments'],
    ['a name with a line break', 'a\nb', { url }, 'invalid_arguments'],
    ['an empty name', '', { url }, 'invalid_arguments'],
    ['the name of the prototype', '__proto__', { url }, 'invalid_arguments'],
  ];
  for (const [what, name, entry, code] of refused) {
    test(`server registry - ${what} is refused over the bus [P14]`, async () => {
      await using the = await registryOn('{}');
      await fails(the.registry.register(name, entry), code);
      assert.equal(await the.text(), '{}');
      assert.equal(the.changes(), 0);
    });
  }

  test("server registry - the tenant's variable may be used over the bus", async () => {
    await using the = await registryOn('{}');
    await the.registry.register('mail', {
      url: 'https://agent365.svc.cloud.microsoft/agents/tenants/${WORKIQ_TENANT_ID}/servers/mcp_MailTools',
      auth: { profile: 'workiq' },
    });
    assert.deepEqual(await the.names(), ['mail']);
  });

  test('server registry - a broken file is not touched', async () => {
    // One that is empty may be one that is being saved.
    for (const text of ['{ "mcpServers": { "a": ', '', '\n', '{ "mcpServer": {} }']) {
      await using the = await registryOn(text);
      await fails(the.registry.register('b', { url }), 'execution_failed');
      await fails(the.registry.unregister('a'), 'execution_failed');
      assert.equal(await the.text(), text);
    }
  });

  test('server registry - a file that is a symbolic link, as of a ConfigMap, stays one: it is changed where it comes from', async () => {
    const text = '{ "mcpServers": { "a": { "url": "https://a.example/", "registeredOverBus": true } } }';
    await using the = await registryOn();
    await mkdir(join(the.folder, '..2026_1'));
    await writeFile(join(the.folder, '..2026_1', 'mcp.json'), text);
    await symlink('..2026_1', join(the.folder, '..data'));
    await symlink(join('..data', 'mcp.json'), the.path);
    await fails(the.registry.register('b', { url }), 'forbidden');
    await fails(the.registry.unregister('a'), 'forbidden');
    assert.ok((await lstat(the.path)).isSymbolicLink());
    assert.equal(await the.text(), text);
    assert.equal(the.changes(), 0);
  });

  test('server registry - a file that cannot be written is told so, and what stands in it stays', async () => {
    await using the = await registryOn('{}');
    // Nobody, and root neither, can replace a file in a folder that is none.
    await rename(the.folder, `${the.folder}.aside`);
    await writeFile(the.folder, '');
    await fails(the.registry.register('a', { url }), 'execution_failed');
    await unlink(the.folder);
    await rename(`${the.folder}.aside`, the.folder);
    assert.equal(await the.text(), '{}');
  });

  test('server registry - no new file takes the place of one that is gone while what stood in it is in force', async () => {
    await using the = await registryOn(undefined, { isMissing: true });
    await fails(the.registry.register('a', { url }), 'execution_failed');
    await assert.rejects(the.text(), /ENOENT/);
  });

  test('server registry - there are no more than fifty entries over the bus, of bounded size', async () => {
    await using the = await registryOn(JSON.stringify({ mcpServers: { own: { url } } }));
    for (let index = 0; index < 50; index++) await the.registry.register(`server-${index}`, { url });
    await fails(the.registry.register('one-more', { url }), 'forbidden');
    await the.registry.register('server-7', { url: 'https://other.example/' });
    await the.registry.unregister('server-8');
    await the.registry.register('one-more', { url });
    await fails(the.registry.register('server-7', { url, note: 'x'.repeat(20_000) }), 'invalid_arguments');
    assert.equal((await the.names()).length, 51);
  });

  test('server registry - a file with a byte order mark is changed as any other', async () => {
    await using the = await registryOn('\ufeff{ "mcpServers": {} }');
    await the.registry.register('a', { url });
    assert.deepEqual(await the.names(), ['a']);
    await the.registry.unregister('a');
  });

  test('server registry - changes at the same moment are all kept', async () => {
    await using the = await registryOn('{}');
    const names = Array.from({ length: 20 }, (_, index) => `server-${index}`);
    await Promise.all(names.map((name) => the.registry.register(name, { url })));
    await Promise.all(names.slice(0, 10).map((name) => the.registry.unregister(name)));
    assert.deepEqual((await the.names()).toSorted(), names.slice(10).toSorted());
  });
});
