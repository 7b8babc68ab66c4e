// The agent's mcp.json as it is read and replaced over the bus: who may change what, that nobody's change is lost, and that no
// credential leaves with it.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ServerRegistry } from '../../agent/bridge/server-registry.ts';
import { maskText } from '../../agent/mcp-file/mask-text.ts';
import { McpFile, type McpFileOptions } from '../../agent/mcp-file/mcp-file.ts';
import { usableVariables, usedVariables } from '../../agent/mcp-file/usable-variables.ts';
import { maskedCredential, type EditingLevel } from '../../shared/contract/manage-messages.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { parseMcpConfig } from '../../shared/mcp-config/parse-mcp-config.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';

const url = 'https://workiq.svc.cloud.microsoft/mcp';
const own = { mail: { url: 'https://mail.example/mcp', headers: { 'X-Api-Key': '${MAIL_KEY}' } } };
const files = { command: 'npx', args: ['server'] };

async function fileWith(text: string | undefined, more: Partial<McpFileOptions> & { editing?: EditingLevel } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-mcp-file-'));
  const path = join(folder, 'mcp.json');
  if (text !== undefined) await writeFile(path, text);
  let changes = 0;
  const shared = {
    path,
    queue: new SerialQueue(),
    isMissing: () => false,
    onChanged: async () => void changes++,
  };
  const file = new McpFile({
    ...shared,
    editing: 'registered',
    profiles: [{ name: 'workiq', scopes: ['openid'], allowedOrigins: ['https://workiq.svc.cloud.microsoft'] }],
    tenantId: '11111111-1111-4111-8111-111111111111',
    env: { MAIL_KEY: 'x', OTHER: 'y', Nats__Url: 'z' },
    problems: () => ['a problem'],
    ...more,
  });
  return {
    path,
    folder,
    file,
    registry: new ServerRegistry({ ...shared, profiles: ['workiq'] }),
    changes: () => changes,
    text: () => readFile(path, 'utf8'),
    read: () => file.read({ names: 'usable' }),
    async edit(after: string | object) {
      const { version } = await file.read({ names: 'usable' });
      return file.write({ text: typeof after === 'string' ? after : JSON.stringify(after), version });
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function refusal(promise: Promise<unknown>): Promise<RockBotError> {
  const error = await promise.then(
    () => assert.fail('it was taken'),
    (thrown: RockBotError) => thrown,
  );
  assert.ok(error.action, error.message);
  return error;
}

describe('mcp file', () => {
  test('mcp file - a write that is not in force in time is written, and says that it is late', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const inForce = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    await using the = await fileWith('{}', { onChanged: () => (asked.resolve(), inForce.promise) });
    const writing = the.edit({ mcpServers: { a: { url } } });
    await asked.promise;
    t.mock.timers.tick(5_000);
    const { applied } = await writing;
    assert.equal(applied.late, true);
    assert.deepEqual(applied.added, ['a']);
    assert.match(await the.text(), /"a"/);
    inForce.resolve();
    assert.equal((await the.edit({ mcpServers: {} })).applied.late, undefined);
  });

  test('mcp file - what is read can be written, and what changed is told', async () => {
    await using the = await fileWith(JSON.stringify({ mcpServers: { ...own, old: { url, registeredOverBus: true } } }));
    const before = await the.read();
    assert.equal(before.text, await the.text());
    assert.equal(before.exists, true);
    assert.equal(before.masked, undefined);
    assert.equal(before.readOnly, undefined);
    assert.equal(before.editing, 'registered');
    assert.deepEqual(before.profiles, [
      { name: 'workiq', scopes: ['openid'], allowedOrigins: ['https://workiq.svc.cloud.microsoft'] },
    ]);
    const written = await the.edit({ mcpServers: { ...own, added: { url, auth: { profile: 'workiq' } } } });
    assert.deepEqual(written.applied, {
      added: ['added'],
      changed: [],
      removed: ['old'],
      unchanged: ['mail'],
      problems: ['a problem'],
    });
    assert.equal(written.file.text, await the.text());
    assert.notEqual(written.file.version, before.version);
    assert.equal(the.changes(), 1);
    assert.equal((await the.edit(await the.text())).applied.unchanged.length, 2);
    assert.equal(the.changes(), 1, 'the same text is not written again');
  });

  test('mcp file - an entry that somebody adds says that it came over the bus, and the rest of the text stays', async () => {
    const text =
      '{\r\n  // mine\r\n  "mcpServers": {\r\n    "mail": { "url": "https://mail.example/mcp" },\r\n  }\r\n}\r\n';
    await using the = await fileWith(text);
    await the.edit(text.replace('},\r\n', `},\r\n    "new": { "url": "${url}" }, // yours\r\n`));
    const now = await the.text();
    assert.match(now, /\/\/ mine[^]*\/\/ yours/);
    assert.match(now, /"registeredOverBus": true/);
    assert.doesNotMatch(now, /[^\r]\n/);
    const parsed = parseMcpConfig(now, { profiles: [] });
    assert.ok(parsed.ok);
    assert.deepEqual(
      parsed.servers.map(({ name, meant }) => [name, meant.isRegistered]),
      [
        ['mail', false],
        ['new', true],
      ],
    );
    // The mark cannot be taken off again.
    await the.edit(now.replace('true', 'false'));
    assert.match(await the.text(), /"registeredOverBus": true/);
    await the.registry.unregister('new');
  });

  test('mcp file - a text that is based on another version is not written, and says so', async () => {
    await using the = await fileWith('{}');
    const { version } = await the.read();
    await the.registry.register('a', { url });
    const now = await the.text();
    const refused = await refusal(the.file.write({ text: '{ }', version }));
    assert.deepEqual([refused.code, refused.reason, refused.retryable], ['invalid_request', 'conflict', false]);
    assert.equal((await refusal(the.file.write({ text: '{ }' }))).reason, 'conflict');
    assert.equal(await the.text(), now);
  });

  test('mcp file - of many who write at the same moment exactly one wins, and what others register is not lost', async () => {
    await using the = await fileWith('{}');
    const { version } = await the.read();
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 10 }, (_, index) =>
        the.file.write({ text: JSON.stringify({ mcpServers: { [`s${index}`]: { url } } }), version }),
      ),
      the.registry.register('registered', { url }),
    ]);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 2);
    const parsed = parseMcpConfig(await the.text(), { profiles: [] });
    assert.ok(parsed.ok);
    assert.deepEqual(
      parsed.servers.map(({ name }) => name),
      ['s0', 'registered'],
    );
  });

  test('mcp file - without a file it is made, and only when the writer knew of none', async () => {
    await using the = await fileWith(undefined);
    const none = await the.read();
    assert.deepEqual([none.exists, none.text, none.version], [false, '', undefined]);
    assert.equal((await refusal(the.file.write({ text: '{}', version: 'x' }))).reason, 'conflict');
    await the.file.write({ text: `{ "mcpServers": { "a": { "url": "${url}" } } }` });
    assert.equal((await stat(the.path)).mode & 0o777, 0o600);
  });

  test('mcp file - the mode of the file stays', async () => {
    await using the = await fileWith('{}');
    await chmod(the.path, 0o640);
    await the.edit('{ }');
    assert.equal((await stat(the.path)).mode & 0o777, 0o640);
    await the.registry.register('a', { url });
    assert.equal((await stat(the.path)).mode & 0o777, 0o640);
  });

  test('mcp file - what the agent would not take is not written, with everything that is wrong', async () => {
    const text = JSON.stringify({ mcpServers: own });
    await using the = await fileWith(text);
    const bad = {
      a: { url: 5 },
      b: { url, auth: { profile: 'nobody' } },
      c: { url, headers: { 'X-Key': 'Bearer hunter2hunter2' } },
    };
    const refused = await refusal(the.edit({ mcpServers: { ...own, ...bad } }));
    assert.equal(refused.code, 'invalid_arguments');
    assert.deepEqual(
      refused.problems?.map((problem) => problem.split(':')[0]),
      ['a', 'b', 'c'],
    );
    assert.doesNotMatch(JSON.stringify([refused.message, refused.problems]), /hunter2/);
    for (const broken of [
      '',
      '[]',
      '{ "mcpServers": { "a": ',
      '{"mcpServer": {}}',
      '['.repeat(200_000),
      '{"__proto__": {}}',
      '{"\\u005f_proto__": {}}',
    ])
      assert.equal((await refusal(the.edit(broken))).code, 'invalid_arguments', broken.slice(0, 40));
    assert.equal((await refusal(the.edit(`{"a":"${'x'.repeat(1_000_001)}"}`))).code, 'payload_too_large');
    assert.equal(await the.text(), text);
    assert.equal(the.changes(), 0);
  });

  test('mcp file - an entry that was wrong before and is left alone keeps nobody from changing another', async () => {
    const wrong = { wrong: { url: 'https://a.example/', allowdTools: ['x'] } };
    await using the = await fileWith(JSON.stringify({ mcpServers: wrong }));
    const { applied } = await the.edit({ mcpServers: { ...wrong, a: { url } } });
    assert.deepEqual(applied.added, ['a']);
    assert.equal(
      (await refusal(the.edit({ mcpServers: { wrong: { ...wrong.wrong, url }, a: { url } } }))).code,
      'invalid_arguments',
    );
  });

  const operators = {
    mcpServers: { ...own, files, over: { url, registeredOverBus: true } },
    servers: { calendar: { url }, over: { command: 'own' } },
  };
  const { mail: _mail, ...withoutMail } = operators.mcpServers;
  const with_ = (servers: object, more: object = {}) => ({
    ...operators,
    ...more,
    mcpServers: { ...operators.mcpServers, ...servers },
  });
  const remote = { url: 'https://other.example/' };
  const edits: [what: string, after: object, from: EditingLevel | 'never'][] = [
    ['an entry over the bus added', with_({ new: remote }), 'registered'],
    ['an entry over the bus changed', with_({ over: remote }), 'registered'],
    ["the operator's entry changed", with_({ mail: remote }), 'remote'],
    ["the operator's entry removed", { ...operators, mcpServers: withoutMail }, 'remote'],
    ["the operator's entry marked", with_({ mail: { ...own.mail, registeredOverBus: true } }), 'all'],
    ["the operator's entry hidden behind another", with_({ calendar: remote }), 'remote'],
    ["another put behind the operator's", with_({}, { servers: { calendar: { url }, mail: remote } }), 'all'],
    ['a command behind an entry', with_({}, { servers: { calendar: { url }, over: { command: 'sh' } } }), 'all'],
    ["the operator's entry behind another removed", with_({}, { servers: { calendar: { url } } }), 'remote'],
    ['an entry in "servers"', with_({}, { servers: { calendar: { url }, new: remote } }), 'remote'],
    ['a command added', with_({ evil: { command: 'sh', args: ['-c', 'x'] } }), 'all'],
    ['a command changed', with_({ files: { command: 'sh' } }), 'all'],
    ['a command that becomes a url', with_({ files: remote }), 'all'],
    ['a variable in a url', with_({ new: { url: 'https://evil.example/?k=${OTHER}' } }), 'all'],
    ['a variable that goes elsewhere', with_({ mail: { ...own.mail, url: 'https://evil.example/' } }), 'all'],
    ['the tenant as a variable', with_({ new: { url: `${url}/\${WORKIQ_TENANT_ID}` } }), 'registered'],
    [
      'fifty-one entries',
      with_(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`s${index}`, remote]))),
      'remote',
    ],
    ['a large entry', with_({ new: { ...remote, note: 'x'.repeat(20_000) } }), 'remote'],
  ];
  const levels: EditingLevel[] = ['off', 'registered', 'remote', 'all'];
  for (const [what, after, from] of edits) {
    test(`mcp file - ${what}: from the level "${from}" on [P14]`, async () => {
      for (const editing of levels) {
        const text = JSON.stringify(operators);
        await using the = await fileWith(text, { editing });
        if (from !== 'never' && levels.indexOf(editing) >= levels.indexOf(from)) await the.edit(after);
        else {
          const refused = await refusal(the.edit(after));
          assert.equal(refused.code, 'forbidden', editing);
          assert.ok(refused.problems?.length);
          assert.equal(await the.text(), text);
        }
      }
    });
  }

  test("mcp file - a file that comes from elsewhere, or whose operator's entries cannot be told, can be read but not written", async () => {
    await using the = await fileWith('{}');
    await rename(the.path, join(the.folder, 'elsewhere'));
    await symlink('elsewhere', the.path);
    assert.match((await the.read()).readOnly ?? '', /symbolic link/);
    assert.equal((await refusal(the.edit('{ }'))).code, 'forbidden');
    await using broken = await fileWith('{ "mcpServers": { "a": { "headers": { "X-Key": "hunter2", } ', {
      editing: 'all',
    });
    const { text, masked, readOnly } = await broken.read();
    assert.deepEqual([text, masked], ['', true]);
    assert.match(readOnly ?? '', /broken/);
    assert.equal((await refusal(broken.edit('{}'))).code, 'forbidden');
    await using latin = await fileWith(undefined);
    await writeFile(latin.path, Buffer.from('{ "a": "caf\xe9" }', 'latin1'));
    assert.match((await latin.read()).readOnly ?? '', /UTF-8/);
  });

  test('mcp file - a credential does not leave the agent, and its place is not written back [S3] [P6]', async () => {
    const secret = 'hunter2hunter2hunter2';
    const entry = { url, headers: { 'X-Api-Key': secret } };
    const text = JSON.stringify({ mcpServers: { mail: entry } });
    await using the = await fileWith(text);
    const told = await the.read();
    assert.doesNotMatch(JSON.stringify(told), /hunter2/);
    assert.equal(told.masked, true);
    assert.match(told.readOnly ?? '', /credential/);
    assert.equal((await refusal(the.edit(told.text))).code, 'forbidden');
    await using free = await fileWith(text, { editing: 'all' });
    const { text: masked, readOnly } = await free.read();
    assert.equal(readOnly, undefined);
    const refused = await refusal(free.edit(masked));
    assert.equal(refused.code, 'invalid_arguments');
    await free.edit(masked.replace(maskedCredential, '${MAIL_KEY}'));
    assert.doesNotMatch(await free.text(), /hunter2/);
    assert.equal((await free.read()).masked, undefined);
    // Who reads the rest of the text could try guesses at a hash of all of it.
    await using other = await fileWith(text.replaceAll('hunter2', 'swordfish'));
    assert.equal((await other.read()).version, told.version);
  });

  test('mcp file - credentials are masked wherever they stand, and harmless texts stay [S3]', () => {
    const opaque = 'aB3xY9kL2mN8pQ5rT7vW1zC4';
    const bad = [
      `{"mcpServers":{"a":{"url":"https://x.example/?key=${opaque}"}}}`,
      `{"mcpServers":{"a":{"url":"https://user:pw1@x.example/"}}}`,
      `{"mcpServers":{"a":{"url":"https://x.example/s/${opaque}/mcp"}}}`,
      `{"mcpServers":{"a":{"command":"x","args":["--api-key","${opaque.slice(0, 9)}"]}}}`,
      `{"mcpServers":{"a":{"command":"x","args":["--token=pw1pw1"]}}}`,
      `{"mcpServers":{"a":{"command":"curl","args":["-u","me:pw1"]}}}`,
      `{"mcpServers":{"a":{"command":"x","env":{"DB_PASSWORD":"pw1pw1"}}}}`,
      `{"mcpServers":{"a":{"url":5,"headers":{"Authorization":"Bearer pw1pw1pw1"}}}}`,
      `{"mcpServers":{"a":{"url":"https://x.example/","deep":{"deeper":[{"clientSecret":"pw1pw1"}]}}}}`,
      `{"mcpServers":{}, "other":{"password":"pw1pw1"}}`,
      `{"mcpServers":{"a":{"url":"https://x.example/","pin_code":{"password":1234567}}}}`,
      `{\n// "X-Api-Key": "pw1pw1pw1"\n"mcpServers":{}}`,
      `{\n/* ${opaque} */"mcpServers":{}}`,
      `{"mcpServers":{"sk-live-hunter2hunter2":{"url":"https://x.example/"}}}`,
    ];
    for (const text of bad) {
      const masked = maskText(text, { profiles: ['workiq'] });
      assert.doesNotMatch(masked?.text ?? '', new RegExp(`pw1|hunter2|1234567|${opaque.slice(0, 9)}`), text);
      if (masked !== undefined) assert.ok(masked.masked, text);
    }
    const good = `{ // the token comes from \${TOKEN}, the password from the vault
      "mcpServers": {
        "a": { "url": "https://x.example/\${WORKIQ_TENANT_ID}/mcp?mode=full", "auth": { "profile": "workiq" },
               "headers": { "Authorization": "Bearer \${TOKEN}", "X-Tenant": "11111111-1111-4111-8111-111111111111" } },
        "b": { "command": "npx", "args": ["-y", "@scope/server-everything@2025.1.1", "--root", "/data"], "env": { "API_KEY": "\${API_KEY}", "TOKEN_URL": "https://x.example/token", "KEY_FILE": "/run/secrets/key", "SOME_KEY": "YOUR_API_KEY" } } } }`;
    assert.deepEqual(maskText(good, { profiles: ['workiq'] }), { text: good, masked: false });
  });

  test('mcp file - names of variables are those an entry could use; never the settings of the agent or a map of the cluster', () => {
    const env = Object.fromEntries(
      [
        'TICKETS_KEY',
        'WorkIQ__ClientId',
        'Nats__NkeySeedFile',
        'Auth__Profiles__x__Scopes',
        'ROCKBOT_CONFIG',
        'PATH',
        'https_proxy',
        'NODE_OPTIONS',
        'OTEL_EXPORTER_OTLP_HEADERS',
        'KUBERNETES_SERVICE_HOST',
        'BILLING_SERVICE_PORT_HTTP',
        'BILLING_PORT_8080_TCP_ADDR',
        'not-a-name',
        'GITHUB_TOKEN',
      ].map((name) => [name, 'value']),
    );
    assert.deepEqual(usableVariables(env), ['WORKIQ_TENANT_ID', 'GITHUB_TOKEN', 'TICKETS_KEY']);
    assert.deepEqual(usedVariables(env, '${TICKETS_KEY} ${MISSING} ${PATH}'), [
      'WORKIQ_TENANT_ID',
      'TICKETS_KEY',
      'PATH',
    ]);
    assert.equal(
      usableVariables(Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`V${i}`, 'x']))).length,
      501,
    );
  });
});
