// The path of a rule: `/me/messages/**`. It knows paths as segments only.
import { matchesWildcards } from '../matches-wildcards.ts';
import { readSegment } from './path-segment.ts';
import { folded } from './segment-text.ts';

/** Segments in small letters; `**` stands for any number of segments, `*` in a segment for any characters of it. */
export type PathPattern = readonly string[];

export type ParsedPathPattern = { ok: true; pattern: PathPattern } | { ok: false; problem: string };

const maxSegments = 32;

export function parsePathPattern(text: string): ParsedPathPattern {
  const problem = formProblem(text);
  if (problem !== undefined) return { ok: false, problem };
  const segments = text.replace(/^\/|\/$/g, '').split('/');
  const pattern: string[] = [];
  for (const segment of text === '/' ? [] : segments) {
    const read = readPatternSegment(segment);
    if (!read.ok) return read;
    if (read.text !== '**' || pattern.at(-1) !== '**') pattern.push(read.text);
  }
  while (pattern[0] === 'v1.0' || pattern[0] === 'beta') pattern.shift();
  return { ok: true, pattern };
}

function formProblem(text: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:\//i.test(text)) return 'write the path without scheme and host, such as /me/messages';
  if (text.startsWith('//')) return 'a path begins with one slash';
  if (text !== '**' && !text.startsWith('/') && !text.startsWith('**/'))
    return `a path begins with "/" or "**/": did you mean "/${text.slice(0, 60)}"?`;
  if (text.includes('//')) return 'remove the empty part between two slashes';
  if (/[?#]/.test(text)) return 'queries and fragments are no part of a path: remove them';
  if (text.includes('%')) return 'write the path as it reads, without percent-encoding';
  if (text.includes('\\')) return 'use "/" instead of "\\"';
  if (text.includes(';')) return 'paths with ";" are never clear: remove it';
  if (/[()]/.test(text)) return "write messages/* for messages('…'), and sendMail for sendMail()";
  return text.split('/').length - 1 > maxSegments ? `a path has at most ${maxSegments} parts` : undefined;
}

function readPatternSegment(segment: string): { ok: true; text: string } | { ok: false; problem: string } {
  if (segment === '**') return { ok: true, text: segment };
  if (segment.includes('**'))
    return { ok: false, problem: '"**" stands alone between two slashes; within a part use "*"' };
  if (segment === '.' || segment === '..') return { ok: false, problem: 'write the path without "." and ".."' };
  // Its wildcards may stand for anything.
  if (segment.includes('*')) return { ok: true, text: folded(segment) };
  try {
    const [reading] = readSegment(segment, { isFileName: false, isLast: true, mayBeAction: false }).likely;
    return { ok: true, text: reading?.[0] ?? segment };
  } catch (error) {
    return {
      ok: false,
      problem: `"${segment.slice(0, 60)}" can never be matched, because ${(error as Error).message}`,
    };
  }
}

/** True for a pattern that any path matches. */
export function isAnyPath(pattern: PathPattern): boolean {
  return pattern.length === 1 && pattern[0] === '**';
}

/** At most as many comparisons as pattern and path have parts, multiplied. `fits` compares one part. */
export function matchesPath(
  pattern: PathPattern,
  path: readonly string[],
  fits: (pattern: string, text: string) => boolean = matchesWildcards,
): boolean {
  let at = 0;
  let next = 0;
  let afterAny = -1;
  let anyUpTo = 0;
  for (let part = path[at]; part !== undefined; part = path[at]) {
    const wanted = pattern[next];
    if (wanted === '**') {
      afterAny = ++next;
      anyUpTo = at;
    } else if (wanted !== undefined && fits(wanted, part)) {
      next++;
      at++;
    } else if (afterAny >= 0) {
      next = afterAny;
      at = ++anyUpTo;
    } else return false;
  }
  while (pattern[next] === '**') next++;
  return next === pattern.length;
}
