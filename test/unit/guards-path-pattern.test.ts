// Which paths a rule's path matches, and that matching stays cheap whatever both look like.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matchesPath, parsePathPattern } from '../../shared/guards/path-pattern.ts';
import { matchesWildcards } from '../../shared/matches-wildcards.ts';
import * as fc from '../support/repeatable-fast-check.ts';

function patternOf(text: string): readonly string[] {
  const parsed = parsePathPattern(text);
  assert.ok(parsed.ok, text);
  return parsed.pattern;
}

const split = (path: string): string[] => path.split('/').filter((part) => part !== '');

describe('guards - path patterns', () => {
  const table: [pattern: string, matching: string[], others: string[]][] = [
    ['/', ['/'], ['/me']],
    ['/me', ['/me'], ['/', '/me/x', '/mex']],
    ['**', ['/', '/me', '/me/x/y'], []],
    ['/me/**', ['/me', '/me/x', '/me/x/y'], ['/', '/users/me']],
    ['**/sendmail', ['/sendmail', '/me/sendmail', '/users/x/sendmail'], ['/me/sendmail/x', '/me/xsendmail']],
    ['/me/*', ['/me/x'], ['/me', '/me/x/y']],
    ['/me/send*', ['/me/send', '/me/sendmail'], ['/me/resend']],
    ['/me/*mail*', ['/me/sendmail', '/me/mailfolders'], ['/me/messages', '/me/x/mail']],
    [
      '/me/**/attachments/*',
      ['/me/attachments/1', '/me/a/b/attachments/1'],
      ['/me/a/attachments', '/me/attachments/1/2'],
    ],
    ['**/a/**/b/**', ['/a/b', '/x/a/y/b/z'], ['/b/a', '/a']],
  ];
  for (const [pattern, matching, others] of table) {
    test(`guards - ${pattern} matches what it says`, () => {
      for (const path of matching) assert.ok(matchesPath(patternOf(pattern), split(path)), path);
      for (const path of others) assert.ok(!matchesPath(patternOf(pattern), split(path)), path);
    });
  }

  test('guards - patterns agree with a plain definition', () => {
    const agrees = (pattern: readonly string[], path: readonly string[]): boolean => {
      const [wanted, ...more] = pattern;
      const [part, ...rest] = path;
      if (wanted === undefined) return part === undefined;
      if (wanted === '**') return agrees(more, path) || (part !== undefined && agrees(pattern, rest));
      return part !== undefined && matchesWildcards(wanted, part) && agrees(more, rest);
    };
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', '*', '**', 'a*'), { maxLength: 6 }),
        fc.array(fc.constantFrom('a', 'b', 'ab', 'c'), { maxLength: 7 }),
        (pattern, path) => {
          assert.equal(matchesPath(pattern, path), agrees(pattern, path), `${pattern.join('/')} on ${path.join('/')}`);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  test('guards - hostile patterns and paths take no more comparisons than their lengths multiplied', () => {
    const part = fc.constantFrom('a', 'b', '**', '**', '*');
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 32 }),
        fc.array(fc.constantFrom('a', 'a', 'a', 'b'), { maxLength: 64 }),
        (pattern, path) => {
          let comparisons = 0;
          matchesPath(pattern, path, (wanted, text) => {
            comparisons++;
            return wanted === '*' || wanted === text;
          });
          assert.ok(comparisons <= (pattern.length + 1) * (path.length + 1), `${comparisons} comparisons`);
        },
      ),
      { numRuns: 2_000 },
    );
    let comparisons = 0;
    const hostile = [...Array.from({ length: 16 }, () => ['**', 'a']).flat(), '**', 'b'];
    const isMatch = matchesPath(
      hostile,
      Array.from({ length: 64 }, () => 'a'),
      (wanted, text) => {
        comparisons++;
        return wanted === text;
      },
    );
    assert.equal(isMatch, false);
    assert.ok(comparisons < 200, `${comparisons} comparisons`);
  });

  test('guards - within a part, each star costs one search', (context) => {
    const pattern = `${'*a'.repeat(200)}*b`;
    const text = 'a'.repeat(8_000);
    const search = context.mock.method(String.prototype, 'indexOf');
    const isMatch = matchesWildcards(pattern, text);
    const searches = search.mock.callCount();
    search.mock.restore();
    assert.equal(isMatch, false);
    assert.ok(searches <= 201, `${searches} searches`);
  });
});
