// The path of a rule: `/me/messages/**`. It knows paths as segments only.
import { matchesWildcards } from '../matches-wildcards.ts';
import { readSegment } from './path-segment.ts';
import { folded } from './segment-text.ts';
import { shownText } from './shown-path.ts';

/** Segments in small letters; `**` stands for any number of segments, `*` in a segment for any characters of it. */
export type PathPattern = readonly string[];

/** `text` says what to write; `meant` is it, where it follows from what is written. */
export interface PathProblem {
  text: string;
  meant?: string;
}

export type ParsedPathPattern = { ok: true; pattern: PathPattern } | { ok: false; problem: PathProblem };

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

function formProblem(text: string): PathProblem | undefined {
  const scheme = /^[a-z][a-z0-9+.-]*:\//i;
  if (scheme.test(text))
    return {
      text: 'write the path without scheme and host, such as /me/messages',
      meant: withoutQuery(text.replace(/^[^:]*:\/\/?[^/]*/, '')) || '/',
    };
  const single = text.replace(/\/{2,}/g, '/');
  if (text.startsWith('//')) return { text: 'a path begins with one slash', meant: single };
  if (text !== '**' && !text.startsWith('/') && !text.startsWith('**/'))
    return { text: `a path begins with "/" or "**/": did you mean "${shownText(`/${text}`)}"?`, meant: `/${text}` };
  if (single !== text) return { text: 'remove the empty part between two slashes', meant: single };
  if (/[?#]/.test(text))
    return { text: 'queries and fragments are no part of a path: remove them', meant: withoutQuery(text) };
  if (text.includes('%')) return { text: 'write the path as it reads, without percent-encoding' };
  if (text.includes('\\')) return { text: 'use "/" instead of "\\"', meant: text.replaceAll('\\', '/') };
  if (text.includes(';')) return { text: 'paths with ";" are never clear: remove it' };
  if (/[()]/.test(text)) return { text: "write messages/* for messages('…'), and sendMail for sendMail()" };
  return text.split('/').length - 1 > maxSegments ? { text: `a path has at most ${maxSegments} parts` } : undefined;
}

function withoutQuery(text: string): string {
  return text.replace(/[?#].*$/s, '');
}

function readPatternSegment(segment: string): { ok: true; text: string } | { ok: false; problem: PathProblem } {
  if (segment === '**') return { ok: true, text: segment };
  if (segment.includes('**'))
    return { ok: false, problem: { text: '"**" stands alone between two slashes; within a part use "*"' } };
  if (segment === '.' || segment === '..')
    return { ok: false, problem: { text: 'write the path without "." and ".."' } };
  // Its wildcards may stand for anything.
  if (segment.includes('*')) return { ok: true, text: folded(segment) };
  try {
    const [reading] = readSegment(segment, { isFileName: false, isLast: true, mayBeAction: false }).likely;
    return { ok: true, text: reading?.[0] ?? segment };
  } catch (error) {
    return {
      ok: false,
      problem: { text: `"${segment.slice(0, 60)}" can never be matched, because ${(error as Error).message}` },
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
