// Puts a member into an object in JSON with comments, or takes one out, without touching the text and the comments of any other.
import type { Node } from 'jsonc-parser';
import { gapIn, membersIn, rootObject, type Member, type Span } from './members.ts';
import { splicedText } from './spliced-text.ts';

/** `owners`: keys from the top to the object, which are made where they are not. `text` is an object. */
export function withMember(text: string, owners: readonly string[], name: string, value: unknown): string {
  let object = rootObject(text);
  for (const [index, owner] of owners.entries()) {
    const next: Node | undefined = membersIn(text, object).find((member) => member.name === owner)?.value;
    if (next?.type !== 'object' && object !== undefined) {
      const rest = [...owners.slice(index + 1), name].reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
      return withOwnMember(text, object, owner, rest);
    }
    object = next;
  }
  return object === undefined ? text : withOwnMember(text, object, name, value);
}

function withOwnMember(text: string, object: Node, name: string, value: unknown): string {
  const members = membersIn(text, object);
  const same = members.find((member) => member.name === name);
  if (same?.value !== undefined) {
    const { offset, length } = same.value;
    return splicedText(text, [
      { from: offset, to: offset + length, by: shown(text, value, lineIndent(text, same.from)) },
    ]);
  }
  const last = members.at(-1);
  return last === undefined ? intoEmpty(text, object, name, value) : behind(text, last, name, value);
}

function behind(text: string, last: Member, name: string, value: unknown): string {
  const indent = lineIndent(text, last.from);
  const member = `${JSON.stringify(name)}: ${shown(text, value, indent)}`;
  const at = Math.max(last.to, last.comma === undefined ? 0 : last.comma + 1, ...last.behind.map(({ to }) => to));
  const separator = indent === undefined ? ' ' : eolOf(text) + indent;
  // A line comment ends with its line only.
  const isInComment = last.behind.some(({ from }) => text.startsWith('//', from));
  const added = `${isInComment && indent === undefined ? eolOf(text) : separator}${member}`;
  const comma = last.comma === undefined ? [{ from: last.to, to: last.to, by: ',' }] : [];
  return splicedText(text, [...comma, { from: at, to: at, by: last.comma === undefined ? added : `${added},` }]);
}

function intoEmpty(text: string, object: Node, name: string, value: unknown): string {
  const end = object.offset + object.length - 1;
  const from = gapIn(text, object.offset + 1, end).comments.at(-1)?.to ?? object.offset + 1;
  // A byte order mark would be white space, too.
  const outer = /^[ \t]*/.exec(text.slice(lineStart(text, object.offset)))?.[0] ?? '';
  const indent = `${outer}  `;
  const eol = eolOf(text);
  const member = `${JSON.stringify(name)}: ${shown(text, value, indent)}`;
  return splicedText(text, [{ from, to: end, by: `${eol}${indent}${member}${eol}${outer}` }]);
}

/** The comments of the member go with it, except those that it shares with a neighbour. */
export function withoutMember(text: string, owners: readonly string[], name: string): string {
  let object = rootObject(text);
  for (const owner of owners) object = membersIn(text, object).find((member) => member.name === owner)?.value;
  const members = membersIn(text, object);
  const index = members.findIndex((member) => member.name === name);
  const member = members[index];
  if (member === undefined) return text;
  const [before, after] = [members[index - 1], members[index + 1]];
  const shared = new Set([...(before?.behind ?? []), ...(after?.above ?? [])].map(({ from }) => from));
  // The comma of the last one is that before it.
  const comma = member.comma ?? before?.comma;
  const spans: Span[] = [
    ...[...member.above, ...member.behind].filter(({ from }) => !shared.has(from)),
    { from: member.from, to: member.to },
    ...(comma === undefined ? [] : [{ from: comma, to: comma + 1 }]),
  ];
  const splices = joined(text, spans).map((span) => ({ ...withSpace(text, span), by: '' }));
  return splicedText(text, splices);
}

/** In the order of the text; what only space lies between becomes one. */
function joined(text: string, spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.from - other.from)) {
    const last = all.at(-1);
    if (last !== undefined && text.slice(last.to, span.from).trim() === '') last.to = span.to;
    else all.push({ ...span });
  }
  return all;
}

/** With the rest of a line that would hold nothing else; otherwise with the spaces behind it, when there are some before it. */
function withSpace(text: string, { from, to }: Span): Span {
  const start = lineStart(text, from);
  const isFirst = text.slice(start, from).trim() === '';
  const tail = /^[^\S\n]*(?=\n)/.exec(text.slice(to))?.[0];
  if (isFirst && tail !== undefined && start > 0) return { from: start - 1, to: to + tail.length };
  const spaces = /\s/.test(text[from - 1] ?? '') ? (/^[^\S\n]*/.exec(text.slice(to))?.[0].length ?? 0) : 0;
  return { from, to: to + spaces };
}

/** `indent` undefined: on the line of others. */
function shown(text: string, value: unknown, indent: string | undefined): string {
  if (indent === undefined) return JSON.stringify(value);
  return JSON.stringify(value, undefined, 2).replaceAll('\n', eolOf(text) + indent);
}

/** Undefined for what is not the first on its line. */
function lineIndent(text: string, offset: number): string | undefined {
  const before = text.slice(lineStart(text, offset), offset);
  return before.trim() === '' && offset > 0 && text.lastIndexOf('\n', offset - 1) >= 0 ? before : undefined;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
