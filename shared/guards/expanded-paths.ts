// What else a query string makes a request read: the related resources of `$expand`.
import { readSegment } from './path-segment.ts';
import { decoded } from './segment-text.ts';
import { UnclearPath } from './unclear-path.ts';

const maxDepth = 4;

/**
 * The expanded resources, each as segments below the path of the request: `$expand=attachments($expand=item)` gives
 * `attachments` and `attachments/item`. Throws UnclearPath.
 */
export function expandedPaths(query: string): string[][] {
  const found: string[][] = [];
  for (const parameter of query.split('&')) {
    if (parameter === '') continue;
    const [name = '', ...rest] = parameter.replaceAll('+', ' ').split('=');
    if (!/^\s*\$?expand\s*$/i.test(decodedName(name))) continue;
    found.push(...expandedIn(decoded(rest.join('=')), maxDepth));
  }
  return found;
}

/** Other parameters are none of our business; one that may be `$expand` is. */
function decodedName(name: string): string {
  const text = decoded(name).normalize('NFKC');
  if (/[^\p{L}\p{N}\p{P}\p{S} ]/u.test(text)) throw new UnclearPath('its query holds invisible characters');
  return text;
}

function expandedIn(value: string, depth: number): string[][] {
  if (depth === 0) throw new UnclearPath('its $expand is nested too deeply');
  return splitOutside(value, ',').flatMap((item) => {
    const open = item.indexOf('(');
    const name = (open < 0 ? item : item.slice(0, open)).trim();
    const options = open < 0 ? '' : item.slice(open + 1).trim();
    if (!/^[\w.$/-]+$/.test(name) || (open >= 0 && !options.endsWith(')')))
      throw new UnclearPath('its $expand is not understood');
    const path = name.split('/').map((part) => {
      const [reading] = readSegment(part, { isFileName: false, isLast: true, mayBeAction: false }).likely;
      return reading?.[0] ?? part;
    });
    const below = splitOutside(options.slice(0, -1), ';').flatMap((option) => {
      const [, nested] = /^\s*\$?expand\s*=(.*)$/is.exec(option) ?? [];
      return nested === undefined ? [] : expandedIn(nested, depth - 1);
    });
    return [path, ...below.map((rest) => [...path, ...rest])];
  });
}

/** Splits where no parentheses and quotes are open. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "'") isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === separator && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
    if (depth < 0) break;
  }
  if (depth !== 0 || isQuoted) throw new UnclearPath('its $expand is not understood');
  return [...parts, text.slice(from)];
}
