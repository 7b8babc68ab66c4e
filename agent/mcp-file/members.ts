// The members of an object in JSON with comments, each with the comments that belong to it: those right above it, without an empty
// line between, and those behind it on its last line. It knows no servers.
import { createScanner, parseTree, type Node } from 'jsonc-parser';
import { jsoncToken } from '../../shared/jsonc-token.ts';

/** Offsets in the text. */
export interface Span {
  from: number;
  to: number;
}

export interface Member extends Span {
  name: string;
  value: Node | undefined;
  above: readonly Span[];
  behind: readonly Span[];
  /** Of the comma behind it. */
  comma: number | undefined;
}

/** Undefined for a text that is no object. A byte order mark is no white space to the parser. */
export function rootObject(text: string): Node | undefined {
  const root = parseTree(text.replace(/^\ufeff/, ' '), [], { allowTrailingComma: true });
  return root?.type === 'object' ? root : undefined;
}

/** In the order of the text. A comment on the line of two members belongs to both. */
export function membersIn(text: string, object: Node | undefined): Member[] {
  if (object?.type !== 'object') return [];
  const properties = object.children ?? [];
  const end = object.offset + object.length - 1;
  return properties.map((property, index) => {
    const from = property.offset;
    const to = from + property.length;
    const before = properties[index - 1];
    const gapStart = before === undefined ? object.offset + 1 : before.offset + before.length;
    const { comments, comma } = gapIn(text, to, properties[index + 1]?.offset ?? end);
    return {
      name: String(property.children?.[0]?.value),
      value: property.children?.[1],
      from,
      to,
      above: commentsAbove(text, gapIn(text, gapStart, from).comments, { gapStart, from }),
      behind: commentsBehind(text, comments, to),
      comma,
    };
  });
}

/** What stands between two offsets, where there are no members. */
export function gapIn(text: string, from: number, to: number): { comments: Span[]; comma: number | undefined } {
  const comments: Span[] = [];
  let comma: number | undefined;
  const scanner = createScanner(text, false);
  scanner.setPosition(from);
  for (let kind: number = scanner.scan(); scanner.getTokenOffset() < to; kind = scanner.scan()) {
    const at = scanner.getTokenOffset();
    if (kind === jsoncToken.end) break;
    if (kind === jsoncToken.comma) comma ??= at;
    else if (kind === jsoncToken.lineComment || kind === jsoncToken.blockComment)
      comments.push({ from: at, to: at + scanner.getTokenLength() });
  }
  return { comments, comma };
}

/** Each begins on the line on which the member, or the comment before it, ends. */
function commentsBehind(text: string, comments: readonly Span[], end: number): Span[] {
  const behind: Span[] = [];
  let last = end;
  for (const comment of comments) {
    if (lineBreaks(text, last, comment.from) > 0) break;
    behind.push(comment);
    last = comment.to;
  }
  return behind;
}

function commentsAbove(
  text: string,
  comments: readonly Span[],
  { gapStart, from }: { gapStart: number; from: number },
): Span[] {
  const ofPrevious = new Set(commentsBehind(text, comments, gapStart));
  const above: Span[] = [];
  let next = from;
  for (const comment of comments.toReversed()) {
    const breaks = lineBreaks(text, comment.to, next);
    if (breaks > 1 || (breaks > 0 && ofPrevious.has(comment))) break;
    above.push(comment);
    next = comment.from;
  }
  return above.reverse();
}

function lineBreaks(text: string, from: number, to: number): number {
  return text.slice(from, to).split('\n').length - 1;
}
