// The editor shows an error exactly where the agent does not take a file or an entry: over generated files and both corpora.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { diagnose } from '../../extension/language/diagnostics.ts';
import type { LanguageContext } from '../../extension/language/language-context.ts';
import { parseMcpDocument } from '../../extension/language/mcp-document.ts';
import { parseMcpConfig } from '../../shared/mcp-config/parse-mcp-config.ts';
import { cleanEntries } from '../corpus/clean-entries.ts';
import { ruleCases, ruleContext } from '../corpus/rule-cases.ts';
import { secretEntries } from '../corpus/secret-entries.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const profiles = ['workiq', 'crm'];

/** The servers whose name or entry has an error; undefined for an error outside of them. */
function wrongInEditor(text: string, context: LanguageContext): Set<string | undefined> {
  const document = parseMcpDocument({ uri: 'file:///mcp.json', version: 1, text });
  const errors = diagnose(document, context).filter(({ severity }) => severity === 1);
  return new Set(
    errors.map(({ range }) => {
      const at = document.text.offsetAt(range.start);
      return document.servers.find(({ property }) => property.offset <= at && at <= property.offset + property.length)
        ?.name;
    }),
  );
}

function assertAgreement(text: string): void {
  const parsed = parseMcpConfig(text, { profiles });
  const wrong = wrongInEditor(text, ruleContext);
  if (!parsed.ok) {
    assert.ok(wrong.size > 0, `${text}\n${parsed.problem}`);
    return;
  }
  const refused = parsed.servers.filter(({ entry }) => entry === undefined);
  assert.deepEqual(
    [...wrong].sort(),
    refused.map(({ name }) => name).sort(),
    `${text}\n${refused.map(({ problems }) => problems.join()).join('\n')}`,
  );
}

const url = fc.constantFrom(
  'https://h.example/mcp',
  'https://workiq.svc.cloud.microsoft/mcp',
  'http://localhost:1/sse',
  'https://u:p@h.example',
  'h.example',
  '${HOST}',
  '${env:HOST}/x',
  '',
  'https://h.example/?token=hunter2',
);
const texts = fc.constantFrom(
  'a',
  '',
  'read-only',
  '${TOKEN}',
  '${input:x}',
  'hunter2hunter2',
  'YOUR_KEY',
  'Bearer ghp_0123456789abcdefghij',
  'a\nb',
  '<token>',
);
const headerNames = fc.constantFrom(
  'Authorization',
  'authorization',
  'X-Api-Key',
  'Accept',
  'Host',
  'a b',
  'X-Trace-Id',
);
const rule = fc.constantFrom(
  'fetch',
  'fetch /me/**',
  'FETCH',
  'do_action **/sendMail',
  '*',
  '/me',
  'fetch me',
  'list_agents /x',
  '',
  'a b c',
  'ask',
);
const guards = fc.oneof(
  fc.constantFrom('read-only', 'no-send', 'full', 'readonly', true, null, [], {}),
  fc.record(
    {
      preset: fc.constantFrom('read-only', 'no-send', 'full', 'x'),
      allow: fc.array(rule, { maxLength: 3 }),
      deny: fc.array(rule, { maxLength: 3 }),
      alow: fc.array(rule, { maxLength: 1 }),
    },
    { requiredKeys: [] },
  ),
);
const junk = fc.constantFrom(1, 0, -1, 1.5, true, null, [], {}, 'x', ['a', 1], { a: 1 });
const mostly = <T>(good: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 9, arbitrary: good as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: junk as fc.Arbitrary<unknown> },
  );

const entry = mostly(
  fc.record(
    {
      type: mostly(fc.constantFrom('streamable-http', 'http', 'streamableHttp', 'sse', 'stdio', 'websocket')),
      url: mostly(url),
      command: mostly(texts),
      args: mostly(
        fc.array(fc.oneof(texts, fc.constantFrom('--token', '-H', '-e', 'A_KEY=hunter2', 'X-A: b')), { maxLength: 4 }),
      ),
      env: mostly(fc.dictionary(fc.constantFrom('GITHUB_TOKEN', 'HOME', 'API_KEY'), mostly(texts), { maxKeys: 2 })),
      headers: mostly(fc.dictionary(headerNames, mostly(texts), { maxKeys: 2 })),
      auth: mostly(
        fc.record(
          { profile: mostly(fc.constantFrom('workiq', 'crm', 'other')), token: texts },
          { requiredKeys: ['profile'] },
        ),
      ),
      allowedTools: mostly(fc.array(texts, { maxLength: 2 })),
      deniedTools: mostly(fc.array(texts, { maxLength: 2 })),
      guards,
      limits: mostly(
        fc.record(
          { concurrent: mostly(fc.integer({ min: -1, max: 20_000 })), callPerDay: fc.constant(1) },
          { requiredKeys: [] },
        ),
      ),
      timeoutMs: mostly(fc.constantFrom(1, 500, 60_000, 3_600_000, 3_600_001, -5)),
      enabled: mostly(fc.boolean()),
      disabled: mostly(fc.boolean()),
      checkArguments: mostly(fc.boolean()),
      allowTools: fc.constant(['a']),
      cwd: texts,
      apiKey: texts,
      colour: texts,
    },
    { requiredKeys: [] },
  ),
);
/** As people write them; most are taken. */
const good = fc.oneof(
  fc.record(
    {
      type: fc.constantFrom('http', 'sse'),
      url: fc.constantFrom('https://h.example/mcp', 'https://workiq.svc.cloud.microsoft/mcp', '${HOST}'),
      headers: fc.dictionary(fc.constantFrom('X-Api-Key', 'Accept'), fc.constantFrom('${TOKEN}', '<token>'), {
        maxKeys: 2,
      }),
      auth: fc.constantFrom({ profile: 'workiq' }, { profile: 'crm' }),
      guards: fc.constantFrom('read-only', { deny: ['ask'] }),
      allowedTools: fc.constantFrom(['a'], []),
      timeoutMs: fc.constantFrom(30, 60_000),
    },
    { requiredKeys: ['url'] },
  ),
  fc.record(
    {
      command: fc.constantFrom('npx', '${HOME}/x'),
      args: fc.constantFrom(['-y', 'x'], ['--token', '${TOKEN}'], ['-H', 'X-A: b']),
      env: fc.constantFrom({ A: 'b' }, { A_TOKEN: 'YOUR_TOKEN' }, {}),
      enabled: fc.boolean(),
      cwd: texts,
    },
    { requiredKeys: ['command'] },
  ),
);

/** One key of the other kind among them. */
const nearlyGood = fc.tuple(good, entry, fc.nat()).map(([one, other, at]) => {
  const keys = other === null || typeof other !== 'object' ? [] : Object.keys(other);
  const key = keys[at % (keys.length + 1)];
  return key === undefined ? one : { ...one, [key]: (other as Record<string, unknown>)[key] };
});
const anEntry = fc.oneof(
  { weight: 2, arbitrary: good as fc.Arbitrary<unknown> },
  { weight: 4, arbitrary: nearlyGood },
  { weight: 1, arbitrary: entry },
);
const name = fc.constantFrom('a', 'b', 'notes', 'scope/name@1', ' x', '', 'ä');
const servers = mostly(fc.dictionary(name, anEntry, { maxKeys: 3 }));
const file = fc.oneof(
  { weight: 12, arbitrary: fc.record({ mcpServers: servers }) },
  { weight: 4, arbitrary: fc.record({ mcpServers: servers, servers }) },
  {
    weight: 1,
    arbitrary: fc.record(
      { mcpServer: servers, servers, inputs: fc.constant([{ id: 'a' }]), token: texts },
      { requiredKeys: [] },
    ),
  },
);

describe('rules of mcp.json - agreement of editor and agent', () => {
  test('rules of mcp.json - no error in the editor means that the agent takes it, over generated entries', () => {
    let taken = 0;
    fc.assert(
      fc.property(file, fc.boolean(), (value, isIndented) => {
        const text = JSON.stringify(value, undefined, isIndented ? 2 : 0);
        const parsed = parseMcpConfig(text, { profiles });
        if (parsed.ok && parsed.servers.some(({ entry: good }) => good !== undefined)) taken++;
        assertAgreement(text);
      }),
      { numRuns: 2_500 },
    );
    assert.ok(taken > 200, `only ${taken} files had an entry that can be used`);
  });

  test('rules of mcp.json - the same of any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        for (const one of [text, `{"mcpServers":{"a":${text}}}`, `{"mcpServers":${text}}`])
          if (!one.includes('__proto__') && !one.startsWith('\ufeff')) assertAgreement(one);
      }),
      { numRuns: 800 },
    );
  });

  test('rules of mcp.json - the same of both corpora and of every case of a rule', () => {
    for (const [server, value] of cleanEntries) assertAgreement(JSON.stringify({ mcpServers: { [server]: value } }));
    for (const { entry: value } of secretEntries) assertAgreement(JSON.stringify({ servers: { srv: value } }));
    for (const cases of Object.values(ruleCases)) for (const { text } of cases) assertAgreement(text);
  });

  test('rules of mcp.json - without an agent no profile is unknown, and nothing else is told less of', () => {
    const text = JSON.stringify({
      mcpServers: { a: { url: 'https://h.example', auth: { profile: 'whatever' } }, b: { url: 5 } },
    });
    assert.deepEqual([...wrongInEditor(text, {})], ['b']);
  });
});
