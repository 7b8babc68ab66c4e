// How guards are written: what is accepted, and what is said about the rest.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { checkCall } from '../../shared/guards/check-call.ts';
import { guardProblemText } from '../../shared/guards/guard-problem.ts';
import { parseRule } from '../../shared/guards/guard-rule.ts';
import { parseGuards, parseGuardsText, restrict, type Guards } from '../../shared/guards/parse-guards.ts';
import * as fc from '../support/repeatable-fast-check.ts';

function parsed(raw: unknown): Guards {
  const result = parseGuards(raw);
  assert.ok(result.ok, JSON.stringify(result));
  return result.guards;
}

function problemsOf(raw: unknown): string[] {
  const result = parseGuards(raw);
  assert.ok(!result.ok, JSON.stringify(raw));
  assert.ok(result.problems.length > 0);
  return result.problems.map(guardProblemText);
}

describe('guards - what is accepted', () => {
  for (const preset of ['read-only', 'no-send', 'full'] as const) {
    test(`guards - the preset ${preset} stands alone or in an object`, () => {
      for (const raw of [preset, { preset }]) assert.deepEqual(parsed(raw), { preset, allow: undefined, deny: [] });
    });
  }

  test('guards - without a preset only the rules restrict', () => {
    const { preset, allow, deny } = parsed({
      allow: ['fetch /me/messages/**', 'ask'],
      deny: ['do_action   **/sendMail'],
    });
    assert.equal(preset, 'full');
    assert.deepEqual(
      allow?.map(({ tool, path }) => [tool, path]),
      [
        ['fetch', ['me', 'messages', '**']],
        ['ask', undefined],
      ],
    );
    assert.deepEqual(
      deny.map(({ text, path }) => [text, path]),
      [['do_action **/sendMail', ['**', 'sendmail']]],
    );
  });

  test('guards - an empty allow is kept apart from none', () => {
    assert.deepEqual(parsed({ allow: [] }).allow, []);
    assert.equal(parsed({ deny: ['ask'] }).allow, undefined);
  });

  const paths: [text: string, segments: string[]][] = [
    ['/', []],
    ['**', ['**']],
    ['/**', ['**']],
    ['/**/**', ['**']],
    ['/me/messages/', ['me', 'messages']],
    ['/v1.0/me/Messages', ['me', 'messages']],
    ['**/microsoft.graph.sendMail', ['**', 'sendmail']],
    ['/users/*@contoso.com/**', ['users', '*@contoso.com', '**']],
    ['/$batch', ['$batch']],
    ['/me/drive/root:/Reports/**', ['me', 'drive', 'root:', 'reports', '**']],
    ['/me/drive/root:/ÜBER*', ['me', 'drive', 'root:', 'über*']],
  ];
  for (const [text, segments] of paths) {
    test(`guards - the path ${text} is understood`, () => {
      assert.deepEqual(parsed({ allow: [`fetch ${text}`] }).allow?.[0]?.path, segments);
    });
  }

  test('guards - only those that restrict something make calls be checked', () => {
    assert.equal(restrict([]), false);
    assert.equal(restrict([parsed('full'), parsed({ preset: 'full', deny: [] })]), false);
    for (const raw of ['read-only', 'no-send', { allow: [] }, { deny: ['ask'] }])
      assert.equal(restrict([parsed('full'), parsed(raw)]), true);
  });
});

describe('guards - what is refused, and in which words [P14]', () => {
  const table: [what: string, raw: unknown, said: RegExp][] = [
    ['nothing', undefined, /write a preset such as "read-only"/],
    ['null', null, /write a preset such as "read-only"/],
    ['a number', 1, /write a preset/],
    ['true', true, /write a preset/],
    ['a list', ['read-only'], /write a preset/],
    ['an empty object', {}, /restrict nothing: .* or write "full"/],
    ['an empty deny alone', { deny: [] }, /restrict nothing/],
    ['an empty text', '', /is no preset/],
    ['a misspelt preset', 'readonly', /"readonly" is no preset: did you mean "read-only"\?/],
    ['a preset in capitals', 'No-Send', /did you mean "no-send"\?/],
    ['a misspelt preset in an object', { preset: 'nosend' }, /preset "nosend" is not known: did you mean "no-send"/],
    ['an unknown preset', 'paranoid', /write "read-only", "no-send", "full"/],
    ['a preset that is no text', { preset: 1 }, /preset must be a text/],
    ['a preset that is null', { preset: null }, /preset must be a text/],
    ['a misspelt key', { preset: 'full', denny: [] }, /"denny" is no key of guards: did you mean "deny"/],
    ['a key in capitals', { Allow: [] }, /"Allow" is no key of guards: did you mean "allow"/],
    ['an unknown key', { maxCallsPerMinute: 5 }, /"maxCallsPerMinute" is no key of guards: remove it/],
    ['an allow that is a text', { allow: 'ask' }, /allow must be a list of rules/],
    ['an allow that is null', { allow: null }, /allow must be a list/],
    ['a rule that is no text', { deny: [1] }, /deny\[0\] must be a text/],
    ['an empty rule', { deny: ['ask', ' '] }, /deny\[1\] is empty: write "<tool>"/],
    ['a rule of three parts', { deny: ['POST do_action /me'] }, /"POST do_action \/me" has too many parts/],
    ['a path without a tool', { deny: ['/me/sendMail'] }, /is a path without a tool: write "\* \/me\/sendMail"/],
    ['a tool with a slash', { deny: ['a/b /me'] }, /has a "\/" in the name of the tool/],
    ['a path without a slash', { deny: ['fetch me/messages'] }, /did you mean "\/me\/messages"/],
    ['a path that begins with one star', { deny: ['fetch */messages'] }, /begins with "\/" or "\*\*\/"/],
    ['an absolute address', { deny: ['fetch https://graph.microsoft.com/me'] }, /without scheme and host/],
    ['two slashes', { deny: ['fetch /me//messages'] }, /empty part/],
    ['two slashes first', { deny: ['fetch //me'] }, /begins with one slash/],
    ['a query', { deny: ['fetch /me?x=1'] }, /queries and fragments are no part/],
    ['a fragment', { deny: ['fetch /me#x'] }, /queries and fragments are no part/],
    ['percent-encoding', { deny: ['fetch /me/%73endMail'] }, /without percent-encoding/],
    ['a backslash', { deny: ['fetch /me\\messages'] }, /use "\/"/],
    ['a dot segment', { deny: ['fetch /me/../users'] }, /without "\." and "\.\."/],
    ['parentheses', { deny: ["fetch /me/messages('*')"] }, /write messages\/\*/],
    ['a semicolon', { deny: ['fetch /me;x'] }, /never clear/],
    ['two stars in a part', { deny: ['fetch /me/mess**'] }, /"\*\*" stands alone/],
    ['a system segment that is never clear', { deny: ['fetch /$entity'] }, /can never be matched/],
    ['an invisible character', { deny: ['fetch /me/send\u200bMail'] }, /invisible characters: type it anew/],
    ['a path of a tool that takes none', { allow: ['list_agents /me'] }, /takes no path: write "list_agents"/],
    ['a very long rule', { deny: [`fetch /${'a'.repeat(600)}`] }, /longer than 500/],
    ['a path of very many parts', { deny: [`fetch ${'/a'.repeat(50)}`] }, /at most 32 parts/],
    ['very many rules', { deny: Array.from({ length: 201 }, (_, index) => `t${index}`) }, /more than 200 rules/],
    ['a rule twice', { deny: ['ask', 'fetch', 'ask'] }, /deny\[2\] "ask" stands twice/],
    ['one rule in two spellings', { deny: ['fetch /me/X', 'Fetch /v1.0/me/x/'] }, /means the same as "fetch \/me\/X"/],
    [
      'what is allowed and denied',
      { allow: ['ask'], deny: ['ASK'] },
      /allow\[0\] "ask" can never match, because deny "ASK" wins/,
    ],
    ['an allowed path of a denied tool', { allow: ['do_action /me/**'], deny: ['do_*'] }, /can never match/],
    ['an allowed path that is denied', { allow: ['fetch /me/x'], deny: ['* /me/X'] }, /can never match/],
    ['everything denied', { deny: ['*'] }, /denies every call: write "allow": \[\]/],
    ['a writer in read-only', { preset: 'read-only', allow: ['do_action /me/**'] }, /lets no writing tool pass/],
  ];
  for (const [what, raw, said] of table) {
    test(`guards - ${what}: refused with a hint [P14]`, () => {
      assert.match(problemsOf(raw).join('\n'), said);
    });
  }

  const places: [what: string, raw: unknown, path: (string | number)[], meant?: string][] = [
    ['guards as a whole', true, []],
    ['a preset alone', 'readonly', [], 'read-only'],
    ['a preset beside rules', { preset: 'nosend', deny: ['ask'] }, ['preset'], 'no-send'],
    [
      'a key, which is far longer than what is repeated of it',
      { [`allow${'w'.repeat(200)}`]: [] },
      [`allow${'w'.repeat(200)}`],
    ],
    ['a key with a quote', { 'a"llow': [], preset: 'full' }, ['a"llow'], 'allow'],
    ['a list that is none', { deny: 'ask' }, ['deny']],
    ['a rule that stands twice and has a quote', { deny: ['say"so', 'ask', 'say"so'] }, ['deny', 2]],
    ['a rule that has the words of a hint', { deny: ['ask', 'did you mean "/x"?'] }, ['deny', 1]],
    ['a rule that is denied, of which there is one like it', { allow: ['ask ', 'x'], deny: ['ask'] }, ['allow', 0]],
    [
      'a long path without a slash',
      { deny: [`fetch ${'me/'.repeat(25)}x`] },
      ['deny', 0],
      `fetch /${'me/'.repeat(25)}x`,
    ],
    ['an address with a query', { deny: ['fetch https://h.example//me?x#y'] }, ['deny', 0], 'fetch /me'],
    ['a path with backslashes alone', { deny: ['\\me\\x'] }, ['deny', 0], '* /me/x'],
    ['a path whose other mistake nobody can mend', { deny: ["fetch me/x('y')"] }, ['deny', 0]],
    ['a tool without paths', { allow: ['list_agents /x'] }, ['allow', 0], 'list_agents'],
  ];
  for (const [what, raw, path, meant] of places) {
    test(`guards - the place of ${what} is told, and what was meant where that is clear`, () => {
      const result = parseGuards(raw);
      assert.ok(!result.ok);
      assert.deepEqual(
        result.problems.map((problem) => [problem.path, problem.meant]),
        [[path, meant]],
      );
    });
  }

  test('guards - what was meant can be read, whatever was written instead', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ame/?#\\%:.*(); '.split('')), maxLength: 30 });
    fc.assert(
      fc.property(text, (written) => {
        const parsed = parseRule(written);
        if (parsed.ok || parsed.problem.meant === undefined) return;
        assert.ok(parseRule(parsed.problem.meant).ok, `${written} -> ${parsed.problem.meant}`);
      }),
      { numRuns: 3_000 },
    );
  });

  test('guards - every problem is told at once', () => {
    const problems = problemsOf({ preset: 'ful', alow: [], deny: ['fetch /a?b', 'ask', 'fetch me'] });
    assert.equal(problems.length, 4, problems.join('\n'));
  });

  test('guards - rules that only overlap are no contradiction', () => {
    parsed({
      preset: 'no-send',
      allow: ['fetch /me/**', 'fetch /me/messages'],
      deny: ['fetch /me/messages/*', '* **/x'],
    });
  });

  test('guards - anything else is refused without throwing, or denies what it does not allow [P14]', () => {
    const member = fc.oneof(
      fc.string(),
      fc.anything(),
      fc.constantFrom('*', 'fetch /me/**', 'ask', 'read-only', 'full'),
    );
    const raw = fc.oneof(
      fc.anything(),
      fc.record(
        { preset: member, allow: fc.oneof(member, fc.array(member)), deny: fc.oneof(member, fc.array(member)) },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(raw, (value) => {
        const result = parseGuards(value);
        if (!result.ok) {
          assert.ok(
            result.problems.length > 0 && result.problems.every((problem) => guardProblemText(problem).length < 1_000),
          );
          return;
        }
        const call = { tool: 'do_action', arguments: { actionUrl: '/me/sendMail' }, isWorkIq: true } as const;
        const denial = checkCall({ ...call, sideEffects: 'write' }, [result.guards]);
        const isOpen =
          result.guards.preset === 'full' && result.guards.allow?.some(({ tool }) => tool.includes('*')) !== false;
        assert.ok(denial !== undefined || isOpen, JSON.stringify(value));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('guards - what the documentation shows', () => {
  const page = readFileSync(new URL('../../docs/guards.md', import.meta.url), 'utf8');
  const shown = [...page.matchAll(/^"guards": (.+)$/gm)].map(([, text = '']) => text);

  test('guards - the page has examples', () => {
    assert.ok(shown.length >= 6);
  });

  for (const text of shown) {
    test(`guards - the example ${text.slice(0, 60)} is accepted`, () => {
      parsed(JSON.parse(text));
    });
  }
});

describe('guards - from a text, such as an environment variable', () => {
  test('guards - a text is the name of a preset or an object as JSON', () => {
    assert.deepEqual(parseGuardsText(' read-only\n'), parseGuards('read-only'));
    assert.deepEqual(
      parseGuardsText('{"preset":"no-send","deny":["ask"]}'),
      parseGuards({ preset: 'no-send', deny: ['ask'] }),
    );
  });

  for (const text of ['', 'readonly', '{', '{}', '["ask"]', '{"deny":["ask"],"deny":["fetch"]}', '{"deny":["ask"],}']) {
    test(`guards - the text ${JSON.stringify(text)} is refused [P14]`, () => {
      assert.equal(parseGuardsText(text).ok, false);
    });
  }
});
