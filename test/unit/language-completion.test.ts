// Completion in mcp.json: what is offered at each kind of place, and what the file is after one is taken.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InsertTextFormat, type CompletionItem, type TextEdit } from 'vscode-languageserver';
import { parse } from 'jsonc-parser';
import { checkEdit } from '../../agent/mcp-file/check-edit.ts';
import { completion } from '../../extension/language/completion.ts';
import { knownPaths } from '../../extension/language/guard-words.ts';
import type { LanguageContext } from '../../extension/language/language-context.ts';
import { parseMcpDocument } from '../../extension/language/mcp-document.ts';
import { parseRule } from '../../shared/guards/guard-rule.ts';
import { parseMcpConfig } from '../../shared/mcp-config/parse-mcp-config.ts';
import { workIqCatalogue } from '../../shared/work-iq-catalogue.ts';
import { applied, assertLanguageGolden, markedDocument, sampleContext } from '../support/language-samples.ts';

async function offered(marked: string, context: LanguageContext = sampleContext): Promise<CompletionItem[]> {
  const { document, position } = markedDocument(marked);
  const items = await completion(document, context, { position });
  return items.toSorted((left, right) => sortKey(left).localeCompare(sortKey(right)));
}

function sortKey({ sortText, label }: CompletionItem): string {
  return sortText ?? label;
}

function labels(items: readonly CompletionItem[]): string[] {
  return items.map(({ label }) => label);
}

/** The file once an item was taken, with the defaults of its snippet. */
async function taken(marked: string, label: string, context: LanguageContext = sampleContext): Promise<string> {
  const item = (await offered(marked, context)).find((candidate) => candidate.label === label);
  assert.ok(item, `${label} is not offered`);
  const edit = item.textEdit as TextEdit;
  const isSnippet = item.insertTextFormat === InsertTextFormat.Snippet;
  return applied(markedDocument(marked).document, [
    { ...edit, newText: isSnippet ? expanded(edit.newText) : edit.newText },
  ]);
}

function expanded(snippet: string): string {
  return snippet
    .replace(/(?<!\\)\$\{\d+:((?:\\.|[^}\\])*)\}/g, '$1')
    .replace(/(?<!\\)\$\{\d+\|([^,|]*)[^}]*\|\}/g, '$1')
    .replace(/(?<!\\)\$\d/g, '')
    .replace(/\\([\\$}])/g, '$1');
}

const entry = (inside: string): string => `{ "mcpServers": { "workiq": { ${inside} } } }`;

describe('language - completion', () => {
  const places: Record<string, string> = {
    'an empty file': '‸',
    'the top level': '{ ‸ }',
    'keys of an entry': entry('‸'),
    'keys of an entry with a url': entry('"url": "https://x.example", ‸'),
    'keys of a program': entry('"command": "x", ‸'),
    type: entry('"type": ‸'),
    'type in a text': entry('"type": "s‸"'),
    profile: entry('"auth": { "profile": "‸" }'),
    'keys of auth': entry('"auth": { ‸ }'),
    'tools of a filter': entry('"allowedTools": ["fetch", "‸"]'),
    'tools without quotes': entry('"deniedTools": [‸]'),
    'a variable': entry('"url": "https://x.example", "headers": { "X": "Key ${‸" }'),
    'a variable with its end': entry('"url": "https://x.example/${T‸ENANT}/y"'),
    'guards by name': entry('"guards": ‸'),
    'keys of guards': entry('"guards": { ‸ }'),
    'a preset': entry('"guards": { "preset": ‸ }'),
    'the tool of a rule': entry('"guards": { "deny": ["‸"] }'),
    'the path of a rule': entry('"guards": { "allow": ["fetch /me/‸"] }'),
    'keys of limits': entry('"limits": { ‸ }'),
    url: entry('"url": "‸"'),
    'a comment': '{ "mcpServers": { // ‸\n } }',
  };

  test('language - completion offers at each place what can stand there', async () => {
    const all: Record<string, unknown> = {};
    for (const [name, marked] of Object.entries(places))
      all[name] = (await offered(marked)).map(({ label, detail }) =>
        detail === undefined ? label : `${label} | ${detail}`,
      );
    await assertLanguageGolden('completion', all);
  });

  test('language - each server of Work IQ is a whole snippet that the agent accepts, legacy ones say so', async () => {
    const marked = '{ "mcpServers": { ‸ } }';
    for (const { title, legacy, name, url } of workIqCatalogue) {
      const text = await taken(marked, legacy ? `${title} (legacy)` : title);
      const { mcpServers } = parse(text) as { mcpServers: Record<string, { url: string; auth: unknown }> };
      assert.equal(mcpServers[name]?.url, url.replace('{tenantId}', '${WORKIQ_TENANT_ID}'), title);
      assert.deepEqual(mcpServers[name]?.auth, { profile: legacy ? 'agent365' : 'workiq' });
      const parsed = parseMcpConfig(text, { profiles: ['workiq', 'agent365'] });
      assert.ok(parsed.ok && parsed.servers.every(({ entry: usable }) => usable !== undefined), title);
    }
  });

  for (const label of ['HTTP server', 'stdio server'])
    test(`language - the snippet "${label}" is an entry that the agent accepts`, async () => {
      const parsed = parseMcpConfig(await taken('{ "mcpServers": { ‸ } }', label), { profiles: ['workiq'] });
      assert.ok(parsed.ok);
      assert.deepEqual(
        parsed.servers.map(({ problems }) => problems),
        [[]],
      );
    });

  test('language - a snippet between two servers brings its comma, and a name that is free', async () => {
    const text = await taken('{ "mcpServers": {\n  "‸"\n  "workiq": {} } }', 'Work IQ');
    assert.match(text, /^\{ "mcpServers": \{\n {2}"workiq-2": \{[^]*\},\n {2}"workiq": \{\} \} \}$/);
  });

  test('language - a name that has its entry already is not completed with another entry', async () => {
    assert.deepEqual(await offered('{ "mcpServers": { "wor‸": { "url": "x" } } }'), []);
  });

  test('language - a tool takes the place of the text that is being written, also of one that is not closed', async () => {
    assert.equal(await taken(entry('"allowedTools": ["do‸"]'), 'do_action'), entry('"allowedTools": ["do_action"]'));
    assert.equal(await taken(entry('"allowedTools": ["do‸]'), 'do_action'), entry('"allowedTools": ["do_action"]'));
    assert.equal(await taken(entry('"allowedTools": [do‸]'), 'do_action'), entry('"allowedTools": ["do_action"]'));
  });

  test('language - a variable ends with its bracket, whether one is there or not', async () => {
    const after = entry('"url": "https://x/${OTHER_KEY}/y"');
    assert.equal(await taken(entry('"url": "https://x/${OT‸/y"'), 'OTHER_KEY'), after);
    assert.equal(await taken(entry('"url": "https://x/${O‸LD}/y"'), 'OTHER_KEY'), after);
  });

  test("language - in the agent's own file nothing is offered that the agent would not take over the bus", async () => {
    const before = '{ "mcpServers": { "theirs": { "url": "https://x.example/${OLD_KEY}" }, ‸ } }';
    const written = before.replace('‸', '"mine": { "url": "https://y.example/${‸" }');
    const inAgentsFile = async (marked: string, editing: string): Promise<CompletionItem[]> => {
      const text = marked.replace('‸', '');
      const document = parseMcpDocument({ uri: 'rockbot:/rockbot/mcp.json', version: 1, text });
      const agent = sampleContext.agent === undefined ? undefined : { ...sampleContext.agent, editing };
      return completion(document, { agent }, { position: document.text.positionAt(marked.indexOf('‸')) });
    };
    for (const level of ['registered', 'remote'] as const) {
      assert.deepEqual(labels(await inAgentsFile(written, level)), ['WORKIQ_TENANT_ID'], level);
      const servers = await inAgentsFile(before, level);
      assert.ok(servers.length > 2, level);
      for (const { label, textEdit } of servers) {
        const profiles = ['workiq', 'agent365'];
        const after = before.replace('‸', expanded(textEdit?.newText ?? ''));
        const checked = checkEdit({ before: before.replace('‸', ''), after, level, profiles });
        assert.ok(checked.ok, `${level} ${label}: ${JSON.stringify(checked)}`);
      }
    }
    const free = labels(await inAgentsFile(written, 'all'));
    for (const name of ['WORKIQ_TENANT_ID', 'TICKETS_KEY', 'OLD_KEY']) assert.ok(free.includes(name), name);
    assert.ok(labels(await inAgentsFile(before, 'all')).includes('stdio server'));
  });

  test('language - a rule is completed part by part', async () => {
    const rule = (text: string): string => entry(`"guards": { "deny": ["${text}"] }`);
    assert.equal(await taken(rule('do‸ /me/x'), 'fetch'), rule('fetch /me/x'));
    assert.equal(await taken(rule('fetch /me/mes‸'), '/me/messages/**'), rule('fetch /me/messages/**'));
    assert.equal(await taken(rule('‸'), '* **/sendMail'), rule('* **/sendMail'));
  });

  test('language - every path that is offered makes a rule', () => {
    for (const { path } of knownPaths) assert.ok(parseRule(`fetch ${path}`).ok, path);
  });

  test('language - without an agent the catalogue says which tools there may be', async () => {
    const marked = entry('"url": "https://workiq.svc.cloud.microsoft/mcp", "allowedTools": ["‸"]');
    const items = await offered(marked, {});
    assert.ok(labels(items).includes('get_schema'));
    assert.ok(items.every(({ detail }) => detail === 'published, not asked of the server'));
    assert.deepEqual(labels(await offered(entry('"auth": { "profile": ‸ }'), {})), ['workiq']);
  });

  test('language - while the profiles of the agent are not known, those in use are offered', async () => {
    const { agent } = sampleContext;
    assert.ok(agent);
    const context = { agent: { ...agent, profiles: undefined } };
    assert.deepEqual(labels(await offered(entry('"auth": { "profile": ‸ }'), context)), ['agent365', 'workiq']);
  });

  test('language - characters that mean something in a text alone open nothing elsewhere', async () => {
    const { document, position } = markedDocument(entry('"url": "x", ‸'));
    assert.deepEqual(await completion(document, sampleContext, { position, trigger: ' ' }), []);
  });
});
