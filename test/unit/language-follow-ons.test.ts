// What an mcp.json that is being typed says of itself: the one mistake that was made, not those that seem to follow from it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose } from '../../extension/language/diagnostics.ts';
import { parseMcpDocument } from '../../extension/language/mcp-document.ts';

/** Line and code of each, and the words of what is no JSON. */
function said(...lines: string[]): string[] {
  const document = parseMcpDocument({ uri: 'file:///mcp.json', version: 1, text: `${lines.join('\n')}\n` });
  return diagnose(document, {}).map(({ range, code, message }) =>
    [
      range.start.line + 1,
      code,
      ...(code === 'mcp/syntax' ? [String(message).replace('This is no JSON: ', '')] : []),
    ].join(' '),
  );
}

const typed: Record<string, { text: string[]; says: string[] }> = {
  'a value whose quote is open': {
    text: ['{', '  "mcpServers": {', '    "a": {', '      "url": "https://a.example/mcp,', '      "x": 1 } } }'],
    says: ['4 mcp/syntax a text is not closed.'],
  },
  'a key whose quote is missing': {
    text: ['{ "mcpServers": { "a": {', '  "url: "https://a.example/mcp",', '  "auth": { "profile": "workiq" } } } }'],
    says: ['2 mcp/syntax an unknown word.'],
  },
  'a name that has just been begun': {
    text: ['{', '  "mcpServers": {', '    "', '    "b": { "url": "https://b.example/mcp" }', '  }', '}'],
    says: ['3 mcp/syntax a text is not closed.'],
  },
  'a name without anything behind it': {
    text: ['{', '  "mcpServers": {', '    "tickets"', '  }', '}'],
    says: ['4 mcp/syntax a colon is expected.'],
  },
  'a key without a value': {
    text: ['{', '  "mcpServers": {', '    "tickets": {', '      "type":', '    }', '  }', '}'],
    says: ['5 mcp/syntax a value is expected.'],
  },
  'a name of the list that is not finished': {
    text: ['{', '  "mcpS', '}'],
    says: ['2 mcp/syntax a text is not closed.'],
  },
  'a part that was pasted without its braces': {
    text: ['"mcpServers": {', '  "a": { "url": "https://a.example/mcp" }', '}'],
    says: ['1 mcp/syntax the whole file stands between { and }.'],
  },
  'single quotes': {
    text: ['{', "  'mcpServers': { 'a': { 'url': 'https://a.example/mcp' } }", '}'],
    says: ['2 mcp/syntax names and texts stand in straight double quotes.'],
  },
  'quotes of a word processor': {
    text: ['{ "mcpServers": {', '  \u201ca\u201d: { "url": "https://a.example/mcp" }', '} }'],
    says: ['2 mcp/syntax names and texts stand in straight double quotes.'],
  },
  'a fence of Markdown': {
    text: ['```json', '{ "mcpServers": {} }', '```'],
    says: ['1 mcp/syntax the ``` around it is of the page that it was copied from: remove it.'],
  },
  'a comment as in a shell': {
    text: ['{', '  # mine', '  "mcpServers": {}', '}'],
    says: ['2 mcp/syntax a comment begins with //.'],
  },
  'a word of Python': {
    text: ['{ "mcpServers": { "a": { "url": "https://a.example/mcp",', '  "enabled": False', '} } }'],
    says: ['2 mcp/syntax write false in small letters.'],
  },
};

for (const [what, { text, says }] of Object.entries(typed))
  test(`mcp.json that is being typed - ${what} is one mistake`, () => assert.deepEqual(said(...text), says));

test('mcp.json that is being typed - a missing comma hides nothing: all else is read as it was meant', () => {
  assert.deepEqual(said('{ "mcpServers": {', '  "a": { "url": "ftp://a" }', '  "b": { "url": "ftp://b" }', '} }'), [
    '2 mcp/bad-url',
    '3 mcp/syntax a comma is expected.',
    '3 mcp/bad-url',
  ]);
});

test('mcp.json that is being typed - what stands before the mistake is still said', () => {
  assert.deepEqual(said('{ "mcpServers": {', '  "a": { "url": "ftp://a" },', '  "b": { "url": "ftp://b', '} }'), [
    '2 mcp/bad-url',
    '3 mcp/syntax a text is not closed.',
  ]);
});

test('mcp.json that is being typed - a brace that is missing is told by what it makes of the next server', () => {
  const lines = [
    '{ "mcpServers": {',
    '  "a": { "url": "https://a.example/mcp",',
    '  "b": { "url": "https://b.example" }',
    '}',
  ];
  assert.deepEqual(said(...lines, '}'), ['3 mcp/unknown-key', '6 mcp/syntax a closing } is missing.']);
});

test('[S3] mcp.json that is being typed - a credential is told wherever the text is broken', () => {
  const token = `ghp_${'a1B2c3D4e5'.repeat(3)}F6g7H8`;
  const lines = [
    '{ "mcpServers": {',
    `  "a": { "url": "https://a.example/mcp", "headers": { "X-Api-Key": "${token}" }, "type": htp },`,
    `  "b": { "url": "https://b.example/mcp", "headers": { "X-Api-Key": "${token}" } }`,
    '} }',
  ];
  const codes = said(...lines).filter((line) => line.endsWith('mcp/secret'));
  assert.deepEqual(codes, ['2 mcp/secret', '3 mcp/secret']);
});
