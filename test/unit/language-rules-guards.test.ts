// Rules of guards that the editor calls useless, held against the guards themselves: without them no call is decided otherwise.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parse } from 'jsonc-parser';
import { diagnose } from '../../extension/language/diagnostics.ts';
import { parseMcpDocument } from '../../extension/language/mcp-document.ts';
import { quickFixes } from '../../extension/language/quick-fixes.ts';
import { checkCall } from '../../shared/guards/check-call.ts';
import { parseGuards, type Guards } from '../../shared/guards/parse-guards.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const tools = [
  'fetch',
  'fetch_blob',
  'call_function',
  'do_action',
  'create_entity',
  'update_entity',
  'ask',
  'readPage',
];
const segments = ['me', 'users', 'messages', 'sendMail', 'a', 'b', '$batch'];

const toolPattern = fc.constantFrom(...tools, '*', '*_*', 'fetch*', 'F*', 'DO_ACTION');
const pathPattern = fc.oneof(
  fc.constant('**'),
  fc
    .tuple(
      fc.constantFrom('/', '**/'),
      fc.array(fc.constantFrom('me', 'messages', 'sendMail', 'a', '*', '**', 's*', '*a*'), {
        minLength: 1,
        maxLength: 4,
      }),
    )
    .map(([start, parts]) => `${start}${parts.join('/')}`),
);
const rule = fc.oneof(
  toolPattern,
  fc.tuple(toolPattern, pathPattern).map((parts) => parts.join(' ')),
);
const guards = fc.record(
  {
    preset: fc.constantFrom('read-only', 'no-send', 'full'),
    allow: fc.array(rule, { minLength: 1, maxLength: 4 }),
    deny: fc.array(rule, { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: [] },
);
const path = fc.array(fc.constantFrom(...segments), { maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
const call = fc.record({
  tool: fc.constantFrom(...tools),
  arguments: fc.oneof(
    fc.constant({}),
    path.map((entityUrl) => ({ entityUrl })),
    fc.tuple(path, path).map((entityUrls) => ({ entityUrls })),
    fc.tuple(path, path).map(([actionUrl, url]) => ({ actionUrl, jsonBody: JSON.stringify({ link: url }) })),
    fc.constant({ path: '/me/%2fa' }),
  ),
  sideEffects: fc.constantFrom('read' as const, 'write' as const),
  isWorkIq: fc.boolean(),
});

const uri = 'file:///mcp.json';

function parsedGuards(raw: unknown): Guards | undefined {
  const parsed = parseGuards(raw);
  return parsed.ok ? parsed.guards : undefined;
}

/** The guards after each quick fix for a rule that never matches. */
function withoutUseless(raw: object): { rule: string; raw: unknown }[] {
  const text = JSON.stringify({ mcpServers: { a: { url: 'https://h.example', guards: raw } } });
  const document = parseMcpDocument({ uri, version: 1, text });
  return diagnose(document, {})
    .filter(({ code }) => code === 'mcp/guards-never-match')
    .flatMap((diagnostic) =>
      quickFixes(document, {}, { diagnostics: [diagnostic], range: diagnostic.range })
        .filter(({ diagnostics }) => diagnostics?.[0]?.message === diagnostic.message)
        .map(({ edit }) => {
          const value = parse(TextDocument.applyEdits(document.text, edit?.changes?.[uri] ?? [])) as {
            mcpServers: { a: { guards: unknown } };
          };
          return { rule: String(diagnostic.message), raw: value.mcpServers.a.guards };
        }),
    );
}

describe('rules of mcp.json - guards', () => {
  test('rules of mcp.json - a rule that is said to never match can go without any call being decided otherwise', () => {
    let removed = 0;
    fc.assert(
      fc.property(guards, fc.array(call, { minLength: 20, maxLength: 20 }), (raw, calls) => {
        const before = parsedGuards(raw);
        if (before === undefined) return;
        for (const { rule: message, raw: rest } of withoutUseless(raw)) {
          removed++;
          const after = parsedGuards(rest);
          assert.ok(after, message);
          for (const one of calls) {
            const earlier = checkCall(one, [before]);
            const later = checkCall(one, [after]);
            // Any rule with a path has every call looked through, and denies one whose batch cannot be read.
            if (earlier?.reason.includes('cannot be judged') === true) continue;
            assert.equal(
              later === undefined,
              earlier === undefined,
              `${message}\n${JSON.stringify([raw, one, earlier, later])}`,
            );
          }
        }
      }),
      { numRuns: 4_000 },
    );
    assert.ok(removed > 200, `only ${removed} rules were called useless`);
  });

  test('rules of mcp.json - guards that are said to let everything through do', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant('full'), guards), call, (raw, one) => {
        const parsed = parsedGuards(raw);
        if (parsed === undefined) return;
        const text = JSON.stringify({ mcpServers: { a: { url: 'https://h.example', guards: raw } } });
        const said = diagnose(parseMcpDocument({ uri, version: 1, text }), {}).filter(({ message }) =>
          /lets every call through|next to nothing/.test(String(message)),
        );
        // A rule in "allow" restricts no more than that; preset and "deny" stay.
        const { preset, deny } = parsed;
        const rest: Guards = { preset, allow: undefined, deny };
        const denial = said.length > 0 && checkCall(one, [rest]) === undefined ? checkCall(one, [parsed]) : undefined;
        assert.ok(
          denial === undefined || denial.reason.includes('cannot be judged'),
          JSON.stringify([raw, one, denial]),
        );
      }),
      { numRuns: 3_000 },
    );
  });
});
