// Edits of quick fixes: they change one thing in a JSON text with comments, and nothing else of it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse, type ParseError } from 'jsonc-parser';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parseMcpDocument, membersOf, type McpDocument } from '../../extension/language/mcp-document.ts';
import { addMember, removeChild } from '../../extension/language/rules/edits.ts';
import { partOfString } from '../../extension/language/rules/text-offsets.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const read = (text: string): McpDocument => parseMcpDocument({ uri: 'file:///mcp.json', version: 1, text });

function valueOf(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  assert.deepEqual(errors, [], text);
  return value;
}

const keys = ['a', 'b', 'c', 'd'] as const;
const comments = ['', ' ', '\n  ', ' // why\n  ', '\n  /* what */ ', ' // {"x": 1, }\n'];

/** An object with white space and comments wherever they may stand. */
const objectText = fc
  .record({
    members: fc.subarray([...keys], { minLength: 1 }),
    between: fc.array(fc.constantFrom(...comments), { minLength: 24, maxLength: 24 }),
    hasTrailing: fc.boolean(),
  })
  .map(({ members, between, hasTrailing }) => {
    let at = 0;
    const gap = (): string => between[at++ % between.length] ?? '';
    const body = members.map((key, index) => {
      const comma = index < members.length - 1 || hasTrailing ? `${gap()},` : '';
      return `${gap()}"${key}":${gap()}${index}${comma}`;
    });
    return `{${body.join('')}${gap()}}`;
  });

describe('edits of mcp.json', () => {
  test('edits of mcp.json - a member that is removed takes its comma with it and no comment of others', () => {
    fc.assert(
      fc.property(objectText, fc.nat(), (text, at) => {
        const document = read(text);
        const members = membersOf(document.root);
        const member = members[at % members.length];
        assert.ok(member);
        const result = TextDocument.applyEdits(document.text, removeChild(document, member.property));
        const expected = valueOf(text) as Record<string, unknown>;
        delete expected[String(member.key.value)];
        assert.deepEqual(valueOf(result), expected, `${text}\n${result}`);
        const count = (of: string): number => of.match(/why|what|"x"/g)?.length ?? 0;
        const inside = count(text.slice(member.property.offset, member.property.offset + member.property.length));
        assert.ok(count(result) >= count(text) - inside - 1, `${text}\n${result}`);
      }),
      { numRuns: 3_000 },
    );
  });

  test('edits of mcp.json - an item of a list is removed', () => {
    for (const text of ['[1]', '[1,]', '[1, 2, 3]', '[\n  1, // one\n  2,\n  3\n]', '[1 /* x */, 2 ,3,]']) {
      const document = read(text);
      for (const [index, child] of (document.root?.children ?? []).entries()) {
        const result = TextDocument.applyEdits(document.text, removeChild(document, child));
        assert.deepEqual(valueOf(result), (valueOf(text) as unknown[]).toSpliced(index, 1), `${text}\n${result}`);
      }
    }
  });

  test('edits of mcp.json - a member is added behind the others', () => {
    fc.assert(
      fc.property(fc.oneof(objectText, fc.constantFrom('{}', '{ }', '{\n}')), (text) => {
        const document = read(text);
        assert.ok(document.root);
        const result = TextDocument.applyEdits(document.text, [
          addMember(document, document.root, 'new', { p: [1, 'x'] }),
        ]);
        assert.deepEqual(valueOf(result), { ...(valueOf(text) as object), new: { p: [1, 'x'] } }, `${text}\n${result}`);
      }),
      { numRuns: 3_000 },
    );
  });

  test('edits of mcp.json - a part of a text is found whatever is escaped before it', () => {
    const unit = fc.constantFrom('a', '"', '\\', '\n', '\u0001', 'é', '😀', '\u2028', '/');
    const escape = (text: string, always: boolean): string =>
      always
        ? Array.from(
            { length: text.length },
            (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
          ).join('')
        : JSON.stringify(text).slice(1, -1);
    fc.assert(
      fc.property(
        fc.string({ unit, maxLength: 20 }),
        fc.string({ unit, minLength: 1, maxLength: 8 }),
        fc.string({ unit, maxLength: 5 }),
        fc.boolean(),
        (before, part, after, always) => {
          const text = `["${escape(before, false)}${escape(part, always)}${escape(after, false)}"]`;
          const node = read(text).root?.children?.[0];
          assert.ok(node);
          const { from, to } = partOfString(text, node, before.length, before.length + part.length);
          assert.equal(JSON.parse(`"${text.slice(from, to)}"`), part, text);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
