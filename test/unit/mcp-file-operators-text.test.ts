// What the operator has written in mcp.json stays word for word, whatever comes over the bus at the level that everybody starts with:
// entries with their comments, and all that stands beside "mcpServers".
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { format, applyEdits } from 'jsonc-parser';
import { checkEdit, type CheckedEdit } from '../../agent/mcp-file/check-edit.ts';
import { withMember, withoutMember } from '../../agent/mcp-file/member-edits.ts';
import { membersIn, rootObject } from '../../agent/mcp-file/members.ts';
import { keepOperatorsText } from '../../agent/mcp-file/operators-text.ts';
import { registeredMark } from '../../shared/mcp-config/server-entry.ts';
import { isTooDeep, parseJsonc } from '../../shared/parse-jsonc.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const own = `{ "url": "https://b.example/", "${registeredMark}": true }`;
const text = `// The head of the file

{
  // asked for by the auditors
  "inputs": [ 1,2 ], // and used by VS Code
  "mcpServers": {
    // theirs: ask before you change it
    /* ticket 12 */
    "theirs": { "url":"https://a.example/",  /* inside */ "timeoutMs": 5000 }, // a remark

    // mine
    "mine": ${own}, // mine, too
    "last": { "url": "https://c.example/" } // the last one
  }
}
`;

function edit(after: string, before = text): CheckedEdit {
  return checkEdit({ before, after, level: 'registered', profiles: [] });
}

function taken(after: string, before = text): string {
  const checked = edit(after, before);
  assert.ok(checked.ok, JSON.stringify(checked));
  return checked.text;
}

const replaced = (what: string, by: string): string => {
  assert.ok(text.includes(what), what);
  return text.replace(what, () => by);
};

describe("mcp file - the operator's text", () => {
  const refused: [what: string, after: string, problem: RegExp][] = [
    ['a comment above an entry', replaced('ask before', 'never ask before'), /^theirs: /],
    ['a comment above an entry that is gone', replaced('    /* ticket 12 */\n', ''), /^theirs: /],
    ['a comment inside', replaced('/* inside */', ''), /^theirs: /],
    ['a remark behind', replaced(', // a remark', ', // approved'), /^theirs: /],
    ['a comment that is added above', replaced('"last":', '// anybody may use it\n    "last":'), /^last: /],
    ['an entry that takes its remark', replaced('} // the last one', `}, "new": ${own} // the last one`), /^last: /],
    [
      'another order of keys',
      replaced(
        '"url":"https://a.example/",  /* inside */ "timeoutMs": 5000',
        '"timeoutMs": 5000, /* inside */ "url":"https://a.example/"',
      ),
      /^theirs: /,
    ],
    ['another spelling of a text', replaced('https://c', '\\u0068ttps://c'), /^last: /],
    ['what stands beside', replaced('[ 1,2 ]', '[ 1,3 ]'), /^"inputs" /],
    ['what stands beside and is gone', replaced('"inputs": [ 1,2 ],', ''), /^"inputs" /],
    ['a comment of what stands beside', replaced('auditors', 'users'), /^"inputs" /],
    ['what is put beside', replaced('"mcpServers"', '"note": 1, "mcpServers"'), /^"note" /],
    [
      'a comment in the list of VS Code',
      '{ "servers": { /* no */ "a": { "url": "https://a.example/" } } }',
      /^"servers" /,
    ],
  ];
  for (const [what, after, problem] of refused) {
    test(`mcp file - at the level "registered" ${what} is not changed [P14]`, () => {
      const before = after.includes('"servers"') ? after.replace('no', 'yes') : text;
      const checked = edit(after, before);
      assert.ok(!checked.ok);
      assert.equal(checked.kind, 'forbidden');
      assert.match(checked.problems.join('\n'), problem);
    });
  }

  test('mcp file - own entries, their comments, and comments of no entry are changed as one likes', () => {
    for (const after of [
      replaced('// mine\n', '// yours\n'),
      replaced(', // mine, too', ', // yours'),
      replaced(`    // mine\n    "mine": ${own}, // mine, too\n`, ''),
      replaced('"mine": {', '"mine": { /* inside */'),
      replaced('// The head of the file\n\n', ''),
      replaced('"last"', `// new\n    "new": ${own}, // here\n    "last"`),
    ])
      assert.equal(taken(after), after);
  });

  test("mcp file - a formatter that runs before saving changes nothing in the operator's text", () => {
    const formatted = applyEdits(text, format(text, undefined, { insertSpaces: false, tabSize: 8, eol: '\r\n' }));
    assert.notEqual(formatted, text);
    const kept = taken(formatted.replace('"mine"', '"other"'));
    for (const part of [
      '"inputs": [ 1,2 ]',
      '"theirs": { "url":"https://a.example/",  /* inside */ "timeoutMs": 5000 }',
    ])
      assert.ok(kept.includes(part), kept);
    assert.match(kept, /"other"/);
  });

  test('mcp file - the mark of a new entry is put in without laying out its neighbours anew', () => {
    const before = '{"mcpServers":{"theirs":{"url":"https://a.example/"}}}';
    assert.equal(
      taken('{"mcpServers":{"theirs":{"url":"https://a.example/"},"new":{"url":"https://b.example/"}}}', before),
      `{"mcpServers":{"theirs":{"url":"https://a.example/"},"new":{"url":"https://b.example/", "${registeredMark}": true}}}`,
    );
    assert.equal(taken('{"mcpServers":{}}', '{}'), '{"mcpServers":{}}');
    assert.equal(taken('{}', `{"mcpServers":{"mine":${own}}}`), '{}');
  });

  test('mcp file - registering and unregistering leaves remarks where they are', () => {
    const entry = { url: 'https://d.example/' };
    const more = withMember(text, ['mcpServers'], 'new', entry);
    assert.ok(more.includes('{ "url": "https://c.example/" }, // the last one\n    "new": {\n      "url"'), more);
    assert.equal(withoutMember(more, ['mcpServers'], 'new'), text);
    const less = withoutMember(text, ['mcpServers'], 'mine');
    assert.ok(less.includes('}, // a remark\n\n    "last": '), less);
    assert.doesNotMatch(less, /mine/);
    assert.equal(withMember('{}', ['mcpServers'], 'a', 1), '{\n  "mcpServers": {\n    "a": 1\n  }\n}');
  });

  const space = fc.constantFrom('', ' ', '\n', '\n\n', '\r\n  ');
  const comment = fc.constantFrom('', '', '', '/* c */', '// c\n', '/* c\r\nd */', '\n// c\r\n');
  const gap = fc.tuple(space, comment, space).map((parts) => parts.join(''));
  /** A comment on a line of its own before the comma belongs to nobody, and to the next entry when the comma goes. */
  const beforeComma = fc.constantFrom('', ' ', '/* b */', ' /* b\nb */ ');
  const member = fc.record({ above: gap, inside: gap, behind: beforeComma, last: gap, isOwn: fc.boolean() });
  const file = fc.record({
    members: fc.array(member, { maxLength: 4 }),
    head: gap,
    inner: gap,
    hasComma: fc.boolean(),
    mark: fc.constantFrom('', '', '\ufeff'),
  });
  const written = file.map(({ members, head, inner, hasComma, mark }) => {
    const entries = members.map(
      ({ above, inside, behind, last, isOwn }, index) =>
        `${above}"s${index}":{${inside}"url":"https://a.example/${index}"${isOwn ? `,"${registeredMark}":true` : ''}}${behind}${index < members.length - 1 || hasComma ? `,${last}` : ''}`,
    );
    return {
      text: `${mark}${head}{"mcpServers":${inner}{${entries.join('')}${inner}}}`,
      owners: members.map(({ isOwn }) => !isOwn),
    };
  });

  const entriesIn = (source: string) =>
    membersIn(source, membersIn(source, rootObject(source))[0]?.value).map(({ name, from, to, above, behind }) => ({
      name,
      text: source.slice(from, to),
      comments: [...above, ...behind].map((span) => source.slice(span.from, span.to)),
    }));

  test('mcp file - whatever the file looks like, an entry comes and goes without a word of others being changed', () => {
    fc.assert(
      fc.property(written, fc.nat(4), ({ text: before, owners }, at) => {
        const name = `s${at}`;
        const value = parseJsonc(before);
        assert.ok(value.ok, before);
        for (const after of [
          withMember(before, ['mcpServers'], name, { url: 'https://new.example/' }),
          withoutMember(before, ['mcpServers'], name),
        ]) {
          const parsed = parseJsonc(after);
          assert.ok(parsed.ok, `${before}\n->\n${after}`);
          const others = entriesIn(before).filter((entry) => entry.name !== name);
          const now = entriesIn(after).filter((entry) => entry.name !== name);
          assert.deepEqual(
            now.map((entry) => entry.name),
            owners.map((_, index) => `s${index}`).filter((other) => other !== name),
          );
          // One that the entry shared with a neighbour may be another neighbour's now, too; none is lost.
          for (const [index, { text: wholeText, comments }] of others.entries()) {
            assert.equal(now[index]?.text, wholeText, `${before}\n->\n${after}`);
            const rest = now[index].comments;
            assert.ok(
              comments.every((one) => rest.includes(one)),
              `${before}\n->\n${after}`,
            );
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

test('mcp file - a file of a million characters that is made of comments or of keys is looked at in one go', () => {
  const many = [
    `{"mcpServers":{"a":{"url":"https://a.example/"},${'/**/'.repeat(120_000)}\n${'//\n'.repeat(120_000)}"b":{"url":"https://a.example/"}}}`,
    `{"mcpServers":{"a":{"url":"https://a.example/"}${'/*\r\n*/'.repeat(120_000)}}}`,
    `{${Array.from({ length: 90_000 }, (_, index) => `"${index}":1,`).join('')}"mcpServers":{}}`,
  ];
  for (const before of many) {
    const kept = keepOperatorsText({ before, after: before.replaceAll('\r', ''), isOperators: () => true });
    assert.ok(kept.ok);
    assert.equal(kept.text, before);
    assert.ok(withoutMember(before, ['mcpServers'], 'a').length <= before.length);
  }
});

test('mcp file - over the bus and in the editor a file is too deep at the same depth', () => {
  const nested = (depth: number): string =>
    `{"mcpServers":{"a":{"url":"https://a.example/","x":${'['.repeat(depth - 3)}${']'.repeat(depth - 3)}}}}`;
  for (const depth of [100, 101, 400, 500, 501, 5_000]) {
    const isTaken = checkEdit({ before: undefined, after: nested(depth), level: 'all', profiles: [] }).ok;
    assert.equal(isTaken, !isTooDeep(nested(depth)), String(depth));
    assert.equal(isTaken, depth <= 500, String(depth));
  }
});
