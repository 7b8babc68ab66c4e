// mcp.json as people write it: what is accepted, what is refused, and that credentials in it are found but never repeated.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expandEntry } from '../../agent/bridge/expanded-entry.ts';
import { parseMcpConfig, type ParsedServer } from '../../shared/mcp-config/parse-mcp-config.ts';
import type { ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const profiles = ['workiq', 'mail'];
const url = 'https://workiq.svc.cloud.microsoft/mcp';
const secret = 'hunter2hunter2';

function parse(text: string): Record<string, ParsedServer> {
  const parsed = parseMcpConfig(text, { profiles });
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problem);
  return Object.fromEntries(parsed.servers.map((server) => [server.name, server]));
}

function one(entry: unknown, name = 'x'): ParsedServer {
  const server = parse(JSON.stringify({ mcpServers: { [name]: entry } }))[name];
  assert.ok(server);
  return server;
}

describe('mcp.json - form', () => {
  test('mcp.json - comments and trailing commas are fine, and {} means no servers', () => {
    assert.deepEqual(parse('{}'), {});
    assert.deepEqual(parse('{ "servers": {}, "inputs": [] }'), {});
    const text = `// one\n{ "mcpServers": { /* two */ "a": { "url": "${url}", }, }, }`;
    assert.equal(parse(text)['a']?.entry?.type, 'streamable-http');
  });

  test("mcp.json - VS Code's servers are read beside mcpServers, which wins", () => {
    const servers = parse(
      JSON.stringify({
        servers: { a: { type: 'http', url: 'https://a.example/1' }, b: { type: 'sse', url: 'https://b.example' } },
        mcpServers: { a: { type: 'http', url: 'https://a.example/2' } },
      }),
    );
    const { entry } = servers['a'] ?? {};
    assert.equal(entry?.type === 'streamable-http' && entry.url, 'https://a.example/2');
    assert.equal(servers['b']?.entry?.type, 'sse');
  });

  const types: [entry: object, type: string | undefined][] = [
    [{ type: 'streamable-http', url }, 'streamable-http'],
    [{ type: 'http', url }, 'streamable-http'],
    [{ type: 'streamableHttp', url }, 'streamable-http'],
    [{ url }, 'streamable-http'],
    [{ type: 'sse', url }, 'sse'],
    [{ type: 'stdio', command: 'npx' }, 'stdio'],
    [{ command: 'npx' }, 'stdio'],
    [{ type: 'websocket', url }, undefined],
    [{ type: 1, url }, undefined],
    [{ type: 'http', command: 'npx' }, undefined],
    [{ type: 'stdio', url }, undefined],
    [{}, undefined],
  ];
  for (const [entry, type] of types) {
    test(`mcp.json - ${JSON.stringify(entry)} is ${type ?? 'refused'}`, () => {
      const server = one(entry);
      assert.equal(server.entry?.type, type);
      assert.equal(server.problems.length > 0, type === undefined);
    });
  }

  const broken = ['{', '[]', '"x"', 'null', '{"mcpServers": []}', '{"mcpServers": {"a": 1}', '{"servers": 5}'];
  for (const text of broken) {
    test(`mcp.json - ${text} is refused as a whole`, () => {
      assert.equal(parseMcpConfig(text, { profiles }).ok, false);
    });
  }

  const noServers: [text: string, why: RegExp][] = [
    ['', /empty/],
    [' \n\t', /empty/],
    ['// later', /line 1/],
    ['{"mcpServer": {}}', /"mcpServer".*did you mean "mcpServers"/],
    ['{"MCPSERVERS": {}}', /"MCPSERVERS".*did you mean "mcpServers"/],
    ['{"Servers": {}}', /"Servers".*did you mean "mcpServers"/],
    ['{"mcpServer": {}, "servers": {}}', /"mcpServer".*did you mean "mcpServers"/],
    ['{"foo": {}}', /neither.*did you mean.*"mcpServers"/],
  ];
  for (const [text, why] of noServers) {
    test(`mcp.json - ${JSON.stringify(text)} is no word about servers and says so [P14]`, () => {
      const parsed = parseMcpConfig(text, { profiles });
      assert.ok(!parsed.ok);
      assert.match(parsed.problem, why);
    });
  }

  test('mcp.json - what is of the wrong kind is told in plain words', () => {
    const { problems } = one({ url, headers: { a: 1 }, allowedTools: 'x', enabled: 'no', timeoutMs: 'long' });
    assert.deepEqual(problems, [
      'headers.a: must be a text',
      'enabled: must be true or false',
      'allowedTools: must be a list',
      'timeoutMs: must be a number',
    ]);
    assert.deepEqual(one({ type: 'websocket', url }).problems, ['type: must be streamable-http, http, sse or stdio']);
    assert.deepEqual(one(5).problems, ['entry: must be an object']);
  });

  test('mcp.json - a syntax error names its line and repeats nothing of the file [P6]', () => {
    const parsed = parseMcpConfig(`{\n "mcpServers": {\n  "a": ${secret}\n }\n}`, { profiles });
    assert.ok(!parsed.ok);
    assert.match(parsed.problem, /^line 3: /);
    assert.doesNotMatch(parsed.problem, /hunter/);
  });

  test('mcp.json - one bad entry does not spoil the others', () => {
    const servers = parse(JSON.stringify({ mcpServers: { good: { url }, bad: { url: 5 }, worse: null } }));
    const usable = Object.entries(servers).map(([name, { entry }]) => [name, entry !== undefined]);
    assert.deepEqual(Object.fromEntries(usable), { good: true, bad: false, worse: false });
  });

  test('mcp.json - any text is answered without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        parseMcpConfig(text, { profiles });
        parseMcpConfig(`{"mcpServers":{"a":${text}}}`, { profiles });
      }),
      { numRuns: 1_000 },
    );
  });

  for (const [name, isGood] of [
    ['workiq', true],
    ['My server 2', true],
    ['scope/name@1', true],
    ['', false],
    [' leading', false],
    ['line\nbreak', false],
    ['x'.repeat(65), false],
    ['"quoted"', false],
  ] as const) {
    test(`mcp.json - the name ${JSON.stringify(name)} is ${isGood ? 'good' : 'refused'}`, () => {
      assert.equal(one({ url }, name).entry !== undefined, isGood);
    });
  }
});

describe('mcp.json - rules', () => {
  test('mcp.json - an unknown profile is refused with the known ones [P14]', () => {
    const { entry, problems } = one({ url, auth: { profile: 'workiqq' } });
    assert.equal(entry, undefined);
    assert.match(problems.join(), /workiqq.*workiq, mail/);
    assert.ok(one({ url, auth: { profile: 'mail' } }).entry);
    assert.equal(one({ url, auth: {} }).entry, undefined);
    assert.equal(one({ url, auth: 'workiq' }).entry, undefined);
  });

  const meant: [key: string, meant: string][] = [
    ['allowdTools', 'allowedTools'],
    ['AllowedTools', 'allowedTools'],
    ['allowTools', 'allowedTools'],
    ['tools', 'allowedTools'],
    ['includeTools', 'allowedTools'],
    ['toolFilter', 'allowedTools'],
    ['denyTools', 'deniedTools'],
    ['blockedTools', 'deniedTools'],
    ['excludeTools', 'deniedTools'],
    ['disabledTools', 'deniedTools'],
    ['guard', 'guards'],
    ['Guards', 'guards'],
    ['enable', 'enabled'],
    ['Enabled', 'enabled'],
    ['disable', 'disabled'],
    ['Auth', 'auth'],
    ['oauth', 'auth'],
    ['authentication', 'auth'],
    ['timeout', 'timeoutMs'],
    ['header', 'headers'],
    ['URL', 'url'],
  ];
  for (const [key, known] of meant) {
    test(`mcp.json - the key ${key} is refused and not left out: did you mean ${known} [P14]`, () => {
      const { entry, problems } = one({ url, [key]: ['x'] });
      assert.equal(entry, undefined);
      assert.match(problems.join(), new RegExp(`"${key}" is no key.*did you mean "${known}"`));
    });
  }

  test('mcp.json - keys of other clients that restrict nothing stay ignored', () => {
    const keys = ['gallery', 'version', 'dev', 'envFile', 'cwd', 'inputs', 'description', 'name', 'icon', 'author'];
    const others = Object.fromEntries(
      [...keys, 'alwaysAllow', 'autoApprove', 'trust', 'note'].map((key) => [key, 'x']),
    );
    assert.deepEqual(one({ command: 'x', ...others }).problems, []);
    assert.deepEqual(one({ url, ...others, registeredOverBus: true }).problems, []);
  });

  test('mcp.json - disabled is the opposite of enabled; both must agree', () => {
    assert.equal(one({ url }).entry?.enabled, true);
    assert.equal(one({ url, disabled: true }).entry?.enabled, false);
    assert.equal(one({ url, disabled: false }).entry?.enabled, true);
    assert.equal(one({ url, disabled: true, enabled: false }).entry?.enabled, false);
    assert.equal(one({ url, disabled: true, enabled: true }).entry, undefined);
    assert.equal(one({ url, disabled: 'true' }).entry, undefined);
  });

  for (const guards of [{ maxCallsPerMinute: 5 }, {}, [], true, 'x', null, { deny: ['fetch me'] }]) {
    test(`mcp.json - guards ${JSON.stringify(guards)} are refused instead of being ignored [P14]`, () => {
      for (const { entry, problems } of [one({ url, guards }), one({ command: 'x', guards })]) {
        assert.equal(entry, undefined);
        assert.ok(problems.length > 0 && problems.every((problem) => /^guards\b.*: /.test(problem)), problems.join());
      }
    });
  }

  test('mcp.json - guards that are understood stay in the entry as they are written', () => {
    for (const guards of ['read-only', { preset: 'no-send', deny: ['do_action  **/sendMail'] }]) {
      const { entry, problems } = one({ url, guards });
      assert.deepEqual(problems, []);
      assert.deepEqual(entry?.guards, guards);
    }
  });

  for (const name of ['Authorization', 'authorization', 'AUTHORIZATION']) {
    for (const value of ['Bearer ${TOKEN}', `Bearer ${secret}`]) {
      test(`mcp.json - a static ${name} of ${value.includes('$') ? 'a variable' : 'a value'} beside auth is refused [S3]`, () => {
        const { entry, problems } = one({ url, auth: { profile: 'workiq' }, headers: { [name]: value } });
        assert.equal(entry, undefined);
        assert.match(problems.join(), /beside auth/);
      });
    }
  }

  test('mcp.json - other static headers and auth stand together', () => {
    assert.ok(one({ url, auth: { profile: 'workiq' }, headers: { 'x-ms-agentid': 'abc', Accept: '*/*' } }).entry);
  });

  for (const name of ['Host', 'content-length', 'Transfer-Encoding', 'Connection', 'Upgrade', 'TE']) {
    test(`mcp.json - the header ${name} is the agent's own and refused [P11]`, () => {
      assert.equal(one({ url, headers: { [name]: 'evil.example' } }).entry, undefined);
    });
  }

  for (const headers of [{ 'a b': 'x' }, { 'x:': 'y' }, { '': 'x' }, { a: 'x\r\nhost: evil' }, { a: 1 }]) {
    test(`mcp.json - headers ${JSON.stringify(headers)} are refused`, () => {
      assert.equal(one({ url, headers }).entry, undefined);
    });
  }

  test('mcp.json - auth on a stdio server is refused [P11]', () => {
    assert.equal(one({ command: 'npx', auth: { profile: 'workiq' } }).entry, undefined);
  });

  for (const timeoutMs of [0, -1, 1.5, 'x', 3_600_001]) {
    test(`mcp.json - timeoutMs ${JSON.stringify(timeoutMs)} is refused`, () => {
      assert.equal(one({ url, timeoutMs }).entry, undefined);
    });
  }
});

describe('mcp.json - credentials [S3]', () => {
  const jwt = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.${secret}`;
  const nkey = `SUA${'B'.repeat(55)}`;
  const found: [what: string, entry: object, place: string][] = [
    ['an Authorization header', { url, headers: { Authorization: `Bearer ${secret}` } }, 'headers.Authorization'],
    ['an api key header', { url, headers: { 'X-Api-Key': secret } }, 'headers.X-Api-Key'],
    ['a subscription key', { url, headers: { 'Ocp-Apim-Subscription-Key': secret } }, 'headers.Ocp-Apim'],
    ['a token header', { url, headers: { 'Private-Token': secret } }, 'headers.Private-Token'],
    ['a cookie', { url, headers: { Cookie: `s=${secret}` } }, 'headers.Cookie'],
    ['a JWT in any header', { url, headers: { 'x-other': jwt } }, 'headers.x-other'],
    ['a JWT beside a variable', { url, headers: { 'x-other': `${jwt} \${A}` } }, 'headers.x-other'],
    ['a token in the query', { url: `${url}?token=${secret}` }, 'url'],
    ['a code in the query', { url: `${url}?a=b&code=${secret}` }, 'url'],
    ['a second credential behind a variable', { url: `${url}?key=\${KEY}&sig=${secret}` }, 'url'],
    ['a password in the url', { url: `https://user:${secret}@host.example/mcp` }, 'url'],
    ['a user name in the url', { url: 'https://user@host.example/mcp' }, 'url'],
    ['a token in env', { command: 'x', env: { GITHUB_TOKEN: secret } }, 'env.GITHUB_TOKEN'],
    ['a camel-case key in env', { command: 'x', env: { apiKey: secret } }, 'env.apiKey'],
    ['a password in env', { command: 'x', env: { DB_PASSWORD: secret } }, 'env.DB_PASSWORD'],
    ['a connection string in env', { command: 'x', env: { CONNECTION_STRING: secret } }, 'env.CONNECTION_STRING'],
    ['a JWT in env', { command: 'x', env: { OTHER: jwt } }, 'env.OTHER'],
    ['an nkey seed in env', { command: 'x', env: { OTHER: nkey } }, 'env.OTHER'],
    ['a JWT in args', { command: 'x', args: ['-v', jwt] }, 'args[1]'],
    ['a token flag with equals', { command: 'x', args: [`--token=${secret}`] }, 'args[0]'],
    ['a token flag and its value', { command: 'x', args: ['--api-key', secret] }, 'args[1]'],
    ['a bearer header in args', { command: 'x', args: ['--header', `Authorization: Bearer ${secret}`] }, 'args[1]'],
  ];
  const aws = 'AKIAIOSFODNN7EXAMPLE';
  const hex = '9f86d081884c7d659a2feaa0c55ad015';
  const stripe = 'sk-live-hunter2hunter2';
  found.push(
    ['a header named auth', { url, headers: { 'X-Auth': 'hunter2' } }, 'headers.X-Auth'],
    ['an AWS key in any header', { url, headers: { 'X-Tok': aws } }, 'headers.X-Tok'],
    ['32 hexadecimal digits in a header', { url, headers: { 'X-Custom': hex } }, 'headers.X-Custom'],
    ['random characters in a header', { url, headers: { 'X-Custom': 'aB3dE5fG7hJ9kL2mN4pQ' } }, 'headers.X-Custom'],
    ['a literal beside a variable', { url, headers: { 'X-Api-Key': 'prefix-hunter2-${HOME}' } }, 'headers.X-Api-Key'],
    ['a literal between schemes', { url, headers: { Authorization: 'Bearer hunter2 ${A}' } }, 'headers.Authorization'],
    ['a literal in env', { command: 'x', env: { A_TOKEN: `${secret}\${A}` } }, 'env.A_TOKEN'],
    ['a member called password', { url, password: 'hunter2' }, 'password'],
    ['a member of auth', { url, auth: { profile: 'workiq', token: 'hunter2' } }, 'auth.token'],
    ['a nested member', { command: 'x', dev: { debug: [{ clientSecret: 'hunter2' }] } }, 'dev.debug.0.clientSecret'],
    ['a key in any member', { url, note: stripe }, 'note'],
    ['a login in a command line', { command: 'curl -u me:hunter2 https://h.example/' }, 'command'],
    ['a variable before a command', { command: 'API_TOKEN=hunter2 npx x' }, 'command'],
    ['a login of curl', { command: 'curl', args: ['-u', 'me:hunter2'] }, 'args[1]'],
    ['a login of curl with equals', { command: 'curl', args: ['--user=me:hunter2'] }, 'args[0]'],
    [
      'a line for a shell',
      { command: 'sh', args: ['-c', 'curl -H "X-Api-Key: hunter2" https://h.example'] },
      'args[1]',
    ],
    ['a header for curl', { command: 'curl', args: ['-H', 'X-Auth: hunter2'] }, 'args[1]'],
    ['a variable for docker', { command: 'docker', args: ['run', '-e', 'A_PASSWORD=hunter2'] }, 'args[2]'],
    ['a key in a url in args', { command: 'npx', args: ['mcp-remote', `https://h.example/s/${stripe}`] }, 'args[1]'],
    [
      'a token in a url in args',
      { command: 'npx', args: ['mcp-remote', `https://h.example/?auth=hunter2`] },
      'args[1]',
    ],
    ['a key in the path', { url: `https://h.example/s/${stripe}/mcp` }, 'url'],
    ['random characters in the path', { url: `https://h.example/s/${hex}` }, 'url'],
    ['a key in the query', { url: `${url}?v=1&x-custom=${aws}` }, 'url'],
    ['a literal beside a variable in the query', { url: `${url}?token=${secret}\${A}` }, 'url'],
    ['a token in the fragment', { url: `${url}#access_token=hunter2` }, 'url'],
    ...['github_pat_11AAAAAAA0hunter2hunter2', 'xoxb-123456789012-hunter2', 'glpat-hunter2hunter2hunt'].map(
      (key): [string, object, string] => [
        `${key.slice(0, 6)}… in env`,
        { command: 'x', env: { OTHER: key } },
        'env.OTHER',
      ],
    ),
  );
  for (const [what, entry, place] of found) {
    test(`mcp.json - ${what} is found, and its value is not repeated [S3]`, () => {
      const { entry: accepted, problems } = one(entry);
      assert.equal(accepted, undefined);
      assert.ok(
        problems.some((problem) => problem.startsWith(place)),
        problems.join(),
      );
      assert.doesNotMatch(problems.join(), /hunter|eyJ|SUAB|AKIA|9f86|aB3d/);
    });
  }

  const fine: [what: string, entry: object][] = [
    ['variables in headers', { url, headers: { Authorization: 'Bearer ${TOKEN}', 'x-api-key': '${KEY}' } }],
    ['variables in the query', { url: `${url}?token=\${TOKEN}&code=\${CODE}` }],
    ['variables in env', { command: 'x', env: { GITHUB_TOKEN: '${GITHUB_TOKEN}', PASSWORD: 'a${B}' } }],
    ['variables in args', { command: 'x', args: ['--token', '${TOKEN}', '--api-key=${KEY}'] }],
    ['numbers about tokens', { command: 'x', env: { MAX_TOKENS: '4096', TOKENIZERS_PARALLELISM: 'false' } }],
    ['files that hold them', { command: 'x', env: { TOKEN_FILE: '/run/t' }, args: ['--token-file', '/run/t'] }],
    ['empty values', { command: 'x', env: { TOKEN: '' } }],
    ['plain headers', { url, headers: { 'x-ms-agentid': '3f2504e0-4f89-11d3-9a0c-0305e82c3301' } }],
    ['plain queries', { url: `${url}?api-version=1&tenant=contoso` }],
    ['an at sign in the path', { url: 'https://host.example/@scope/mcp' }],
    ['schemes and names before variables', { url, headers: { Authorization: 'Token token="${T}"', Cookie: 's=${S}' } }],
    ['short prefixes of variables', { url, headers: { 'X-Api-Key': 'key-${KEY}' } }],
    ['ids in headers', { url, headers: { 'x-client-id': hex, traceparent: `00-${hex}-00f067aa0ba902b7-01` } }],
    ['ids in urls', { url: 'https://h.example/tenants/3f2504e0-4f89-11d3-9a0c-0305e82c3301/servers/mcp_MailTools' }],
    ['long names in urls', { url: 'https://h.example/AgentCatalogServers2026Production/mcp?tenant=contoso' }],
    ['switches', { command: 'x', env: { ENABLE_AUTH: 'true', AUTH_MODE: 'oauth', JWT_ISSUER: 'https://i.example' } }],
    [
      'users of containers',
      { command: 'docker', args: ['run', '-u', '1000:1000', '--user', 'node:node', '-e', 'TOKEN'] },
    ],
    ['digests of images', { command: 'docker', args: ['run', `ghcr.io/github/server@sha256:${hex}${hex}`] }],
    ['headers of variables', { command: 'npx', args: ['mcp-remote', url, '--header', 'Authorization:${AUTH}'] }],
    ['addresses behind -u', { command: 'x', args: ['-u', 'https://h.example/mcp'] }],
    [
      'plain words in args',
      { command: 'npx', args: ['-y', '@scope/task-server@1.2.3', '--auth', 'none', 'key=value'] },
    ],
    ["other clients' members", { url, gallery: 'https://api.mcp.github.com/v0/servers/ab', version: '0.13.1' }],
  ];
  for (const [what, entry] of fine) {
    test(`mcp.json - ${what} are no credentials [S3]`, () => {
      assert.deepEqual(one(entry).problems, []);
    });
  }
});

describe('mcp.json - credentials at the top level [S3]', () => {
  for (const others of [{ token: 'hunter2' }, { inputs: [{ apiKey: 'hunter2' }] }, { note: `sk-live-hunter2` }]) {
    test(`mcp.json - ${Object.keys(others).join()} with a credential is refused [S3]`, () => {
      const parsed = parseMcpConfig(JSON.stringify({ mcpServers: {}, ...others }), { profiles });
      assert.ok(!parsed.ok);
      assert.match(parsed.problem, /holds a credential/);
      assert.doesNotMatch(parsed.problem, /hunter/);
    });
  }

  test("mcp.json - VS Code's inputs are no credentials [S3]", () => {
    const inputs = [{ type: 'promptString', id: 'api-key', description: 'API key', password: true }];
    assert.ok(parseMcpConfig(JSON.stringify({ servers: {}, inputs }), { profiles }).ok);
  });
});

/** A good entry, parsed. */
const parsedEntry = (value: object): ServerEntry => {
  const { entry: parsed, problems } = one(value);
  assert.ok(parsed, problems.join());
  return parsed;
};

describe('mcp.json - variables', () => {
  const env: Record<string, string> = { HOST: 'h.example', EMPTY: '', ODD: secret, LOGIN: `u:${secret}@h.example` };
  const expand = (value: object): ReturnType<typeof expandEntry> =>
    expandEntry(parsedEntry(value), (name) => env[name]);
  const failure = (value: object): RockBotError => {
    try {
      expand(value);
    } catch (error) {
      assert.ok(error instanceof RockBotError);
      assert.doesNotMatch(`${error.message} ${error.action}`, /hunter/, 'what a variable holds is not repeated');
      return error;
    }
    return assert.fail('nothing was refused');
  };

  test('mcp.json - variables are filled in in url, headers, args and env', () => {
    const remote = expand({ url: 'https://${HOST}/a?b=${EMPTY}', headers: { 'X-A': '${HOST}-${HOST}' } });
    assert.deepEqual(remote, {
      type: 'streamable-http',
      url: new URL('https://h.example/a?b='),
      headers: { 'x-a': 'h.example-h.example' },
    });
    const local = expand({ command: '${HOST}', args: ['a${HOST}'], env: { A: '${HOST}' } });
    assert.deepEqual(local, { type: 'stdio', command: '${HOST}', args: ['ah.example'], env: { A: 'h.example' } });
  });

  test('mcp.json - all variables that are not set are named together', () => {
    const { code, message } = failure({ url: 'https://${A_ONE}/', headers: { x: '${A_TWO}' } });
    assert.equal(code, 'server_unavailable');
    assert.match(message, /A_ONE, A_TWO/);
  });

  test('mcp.json - text that only looks like a variable stays', () => {
    const local = expand({ command: 'x', args: ['$HOST', '${', '${1A}', '$${HOST}', '${HOST'] });
    assert.deepEqual((local as { args: string[] }).args, ['$HOST', '${', '${1A}', '$h.example', '${HOST']);
  });

  for (const [entry, place] of [
    [{ url, headers: { Authorization: 'Bearer ${input:token}' } }, 'headers.Authorization'],
    [{ url, headers: { 'X-A': '${env:X}' } }, 'headers.X-A'],
    [{ url: 'https://h.example/${input:x}' }, 'url'],
    [{ command: 'x', args: ['${env:X}'] }, 'args[0]'],
    [{ command: 'x', env: { A_TOKEN: '${env:X}' } }, 'env.A_TOKEN'],
  ] as const) {
    test(`mcp.json - a variable of another client in ${place} is told apart from a credential, with the right spelling`, () => {
      const { entry: accepted, problems } = one(entry);
      assert.equal(accepted, undefined);
      assert.equal(problems.length, 1, problems.join());
      assert.ok(problems[0]?.startsWith(place));
      assert.match(problems.join(), /write \$\{(?:X|NAME)\}/);
    });
  }

  test('mcp.json - a variable is not expanded twice', () => {
    const nested = expandEntry(parsedEntry({ command: 'x', args: ['${A}'] }), (name) =>
      name === 'A' ? '${HOST}' : 'no',
    );
    assert.deepEqual((nested as { args: string[] }).args, ['${HOST}']);
  });

  for (const bad of ['no url', 'ftp://h.example/', 'file:///etc/passwd', 'javascript:alert(1)', '${ODD}', '${ODD}:x']) {
    test(`mcp.json - the url ${bad} is refused without repeating a variable [P6]`, () => {
      assert.equal(failure({ url: bad }).code, 'server_unavailable');
    });
  }

  test('mcp.json - a user name that a variable brings into the url is refused [P11]', () => {
    assert.match(failure({ url: 'https://${LOGIN}/mcp' }).message, /user name/);
  });
});
