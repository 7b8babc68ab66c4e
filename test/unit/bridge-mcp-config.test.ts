// mcp.json as people write it: what is accepted, what is refused, and that credentials in it are found but never repeated.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { expandEntry } from '../../agent/bridge/expanded-entry.ts';
import { parseMcpConfig, type ParsedServer } from '../../shared/mcp-config/parse-mcp-config.ts';
import type { ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

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
  test('mcp.json - comments, trailing commas and an empty file are fine', () => {
    assert.deepEqual(parse(''), {});
    assert.deepEqual(parse('  \n'), {});
    assert.deepEqual(parse('{}'), {});
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

  test('mcp.json - a syntax error names its line and repeats nothing of the file [P6]', () => {
    const parsed = parseMcpConfig(`{\n "mcpServers": {\n  "a": ${secret}\n }\n}`, { profiles });
    assert.ok(!parsed.ok);
    assert.match(parsed.problem, /^line 3: /);
    assert.doesNotMatch(parsed.problem, /hunter/);
  });

  test('mcp.json - one bad entry does not spoil the others', () => {
    const servers = parse(JSON.stringify({ mcpServers: { good: { url }, bad: { url: 5 }, worse: null } }));
    assert.ok(servers['good']?.entry);
    assert.equal(servers['bad']?.entry, undefined);
    assert.equal(servers['worse']?.entry, undefined);
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

  for (const guards of [{ maxCallsPerMinute: 5 }, [], true, 'x', null]) {
    test(`mcp.json - guards ${JSON.stringify(guards)} are refused instead of being ignored [P14]`, () => {
      assert.equal(one({ url, guards }).entry, undefined);
      assert.equal(one({ command: 'x', guards }).entry, undefined);
    });
  }

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
  for (const [what, entry, place] of found) {
    test(`mcp.json - ${what} is found, and its value is not repeated [S3]`, () => {
      const { entry: accepted, problems } = one(entry);
      assert.equal(accepted, undefined);
      assert.ok(
        problems.some((problem) => problem.startsWith(place)),
        problems.join(),
      );
      assert.doesNotMatch(problems.join(), /hunter|eyJ|SUAB/);
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
  ];
  for (const [what, entry] of fine) {
    test(`mcp.json - ${what} are no credentials [S3]`, () => {
      assert.deepEqual(one(entry).problems, []);
    });
  }
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
