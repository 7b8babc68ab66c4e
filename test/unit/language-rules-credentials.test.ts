// Credentials in mcp.json: both corpora, both ways, in the agent and in the editor; the guide states the rates that are measured here.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { diagnose } from '../../extension/language/diagnostics.ts';
import { parseMcpDocument } from '../../extension/language/mcp-document.ts';
import { credentialPatterns, hasCredentialSign } from '../../shared/mcp-config/credential-patterns.ts';
import { findCredentials, type CredentialFinding } from '../../shared/mcp-config/credential-rules.ts';
import { findForms } from '../../shared/mcp-config/credential-text.ts';
import { parseServer } from '../../shared/mcp-config/parse-mcp-config.ts';
import { isPlaceholder } from '../../shared/mcp-config/placeholder.ts';
import { redact } from '../../shared/redaction.ts';
import { cleanEntries } from '../corpus/clean-entries.ts';
import { secretEntries } from '../corpus/secret-entries.ts';

const literal = (entry: object, server = 'srv'): CredentialFinding[] =>
  findCredentials(entry as Record<string, unknown>, server).filter((one) => !one.isPlaceholder);

function marked(entry: object, { path, start, end }: CredentialFinding): string {
  let value: unknown = entry;
  for (const key of path) value = (value as Record<string, unknown>)[key];
  return String(value).slice(start, end);
}

const falseAlarms = cleanEntries.filter(([server, entry]) => literal(entry, server).length > 0);
const missed = secretEntries.filter(({ entry }) => literal(entry).length === 0);

describe('credentials in mcp.json - how well they are told apart [S3]', () => {
  test('credentials in mcp.json - both corpora are large enough to say anything', () => {
    assert.ok(cleanEntries.length >= 120 && secretEntries.length >= 120);
    assert.equal(new Set(cleanEntries.map(([server]) => server)).size, cleanEntries.length);
  });

  test('credentials in mcp.json - what is called one by mistake', () => {
    assert.deepEqual(
      falseAlarms.map(([server]) => server),
      ['airtable'],
    );
  });

  test('credentials in mcp.json - what is missed', () => {
    assert.deepEqual(
      missed.map(({ what }) => what),
      [
        'a word under a harmless name',
        'a uuid under a harmless name',
        'a name in another language',
        'a word in the path',
        'a positional word',
        'a placeholder that is meant',
        'a password that is called password',
        'a short flag',
      ],
    );
  });

  test('credentials in mcp.json - the guide states these rates', async () => {
    const guide = await readFile(new URL('../../docs/mcp-json.md', import.meta.url), 'utf8');
    const rate = (part: number, whole: number): string =>
      `${part} of ${whole} (${((part / whole) * 100).toFixed(1)} %)`;
    assert.ok(
      guide.includes(rate(falseAlarms.length, cleanEntries.length)),
      rate(falseAlarms.length, cleanEntries.length),
    );
    assert.ok(guide.includes(rate(missed.length, secretEntries.length)), rate(missed.length, secretEntries.length));
  });
});

describe('credentials in mcp.json - agent and editor [S3]', () => {
  const inEditor = (entry: object, server: string) =>
    diagnose(
      parseMcpDocument({
        uri: 'file:///mcp.json',
        version: 1,
        text: JSON.stringify({ mcpServers: { [server]: entry } }),
      }),
      {},
    );

  test('credentials in mcp.json - what the editor marks is what the agent refuses, and neither repeats it [P6]', () => {
    for (const { what, entry, value } of secretEntries) {
      const found = literal(entry);
      const { problems } = parseServer('srv', entry, ['workiq']);
      const said = inEditor(entry, 'srv').filter(({ code }) => code === 'mcp/secret');
      assert.equal(said.length, found.length, what);
      assert.equal(
        found.length > 0,
        problems.some((problem) => problem.includes('credential') || problem.includes('password')),
        what,
      );
      for (const text of [...problems, ...said.map(({ message }) => message)])
        assert.ok(!String(text).includes(value), what);
      for (const one of found) {
        const part = marked(entry, one);
        assert.ok(part.includes(value) || value.includes(part) || value.includes('!'), `${what}: ${part}`);
      }
    }
  });

  test('credentials in mcp.json - a placeholder is a warning in the editor, and the agent takes the entry', () => {
    let count = 0;
    for (const [server, entry] of cleanEntries) {
      if (falseAlarms.some(([name]) => name === server)) continue;
      assert.deepEqual(parseServer(server, entry, ['workiq']).problems, [], server);
      const said = inEditor(entry, server);
      assert.deepEqual(
        said.filter(({ severity }) => severity === 1),
        [],
        server,
      );
      count += said.filter(({ code }) => code === 'mcp/placeholder').length;
    }
    assert.ok(count >= 40, String(count));
  });

  test('credentials in mcp.json - one that stands as a name is found and not repeated [P6]', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    for (const entry of [
      { command: 'x', env: { [token]: '' } },
      { command: 'x', env: { [token]: token } },
      { url: 'https://h.example', headers: { [token]: 'hunter2' } },
      { command: 'x', [token]: 1 },
    ]) {
      const { problems } = parseServer('srv', entry, []);
      assert.ok(
        problems.some((problem) => problem.includes('is a credential')),
        problems.join(),
      );
      const said = inEditor(entry, 'srv').filter(({ code }) => code === 'mcp/secret');
      assert.ok(said.length > 0);
      for (const text of [...problems, ...said.map(({ message }) => String(message))])
        assert.ok(!text.includes(token.slice(0, 20)), text);
    }
  });

  test('credentials in mcp.json - the name of a variable comes from where the credential stands', () => {
    const names: [entry: object, name: string][] = [
      [{ url: 'https://h.example', headers: { Authorization: 'Bearer hunter2hunter2' } }, 'SRV_TOKEN'],
      [{ url: 'https://h.example', headers: { 'X-Api-Key': 'hunter2' } }, 'SRV_API_KEY'],
      [{ url: 'https://h.example?exaApiKey=hunter2' }, 'SRV_EXA_API_KEY'],
      [{ command: 'x', env: { githubToken: 'hunter2' } }, 'GITHUB_TOKEN'],
      [{ command: 'x', env: { DATABASE_URL: 'postgres://a:hunter2@h/d' } }, 'DATABASE_PASSWORD'],
      [{ command: 'x', args: ['-e', 'A_TOKEN=hunter2'] }, 'A_TOKEN'],
      [{ command: 'x', args: ['--api-key', 'hunter2'] }, 'SRV_API_KEY'],
    ];
    for (const [entry, name] of names) assert.deepEqual(literal(entry)[0]?.fix, { class: 'use_variable', name });
  });
});

describe('credentials in mcp.json - forms', () => {
  const texts = [...secretEntries.map(({ entry }) => entry), ...cleanEntries.map(([, entry]) => entry)].flatMap(
    textsIn,
  );

  test('credentials in mcp.json - the quick look overlooks no form', () => {
    for (const text of texts)
      for (const { pattern, what } of credentialPatterns)
        if (text.search(pattern) >= 0) assert.ok(hasCredentialSign(text), what);
  });

  test('credentials in mcp.json - whatever a log would mask is found', () => {
    for (const { entry } of secretEntries)
      for (const text of textsIn(entry)) {
        // A password that the log knows by its name alone stands under that name here.
        const blank = text.replace(/\$\{[^}]*\}/g, '');
        if (redact(blank) !== blank && !/^\s*\{/.test(text)) assert.ok(findForms(text).length > 0, text.slice(0, 20));
      }
  });

  for (const text of [
    'YOUR_API_KEY',
    '<token>',
    '${{ secrets.X }}',
    'xxx',
    'sk-...',
    '[your key]',
    'your-github-token-here',
    'changeme',
    'insert_key_here',
    'ghp_xxxxxxxxxxxx',
    '{{token}}',
    '$TOKEN',
    '%TOKEN%',
    'password',
    'my-secret-token',
    '****',
  ])
    test(`credentials in mcp.json - ${text} is a placeholder`, () => assert.ok(isPlaceholder(text)));

  for (const text of [
    'hunter2',
    'correct horse battery staple',
    'letmein',
    'admin',
    'postgres',
    '1234567890',
    'your-8f3a91c07d',
    'S3cretPass',
    'qwertz',
    'winter2026',
    'AKIAIOSFODNN7EXAMPLE',
  ])
    test(`credentials in mcp.json - ${text} is none`, () => assert.ok(!isPlaceholder(text)));

  test('credentials in mcp.json - hostile texts cost no more than linear time', () => {
    const long = 200_000;
    const hostile = [
      'eyJ'.repeat(long / 3),
      `https://${'a:'.repeat(long / 2)}`,
      'Bearer '.repeat(long / 7),
      '='.repeat(long),
      `{"a":${'"x'.repeat(long / 2)}`,
      'x'.repeat(long),
      '-u '.repeat(long / 3),
      "'".repeat(long),
      'https://'.repeat(long / 8),
      '.'.repeat(long),
      'a.'.repeat(long / 2),
      '${'.repeat(long / 2),
    ];
    const started = process.cpuUsage();
    for (const text of hostile)
      findCredentials({
        url: text,
        command: text,
        args: [text, '-H', text],
        headers: { [text.slice(0, 50)]: text },
        env: { A_TOKEN: text, B: text },
        other: text,
      });
    const { user } = process.cpuUsage(started);
    assert.ok(user < 20_000_000, `${user} µs`);
  });
});

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
}
