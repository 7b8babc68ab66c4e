// Changes of an mcp.json as text edits that keep comments and layout; they know JSON and nothing of servers.
import { createScanner, type Node } from 'jsonc-parser';
import type { TextEdit } from 'vscode-languageserver';
import { jsoncToken } from '../../../shared/jsonc-token.ts';
import { membersOf, type McpDocument } from '../mcp-document.ts';

/** Offsets in the text; equal ones insert. */
export function replaceText({ text }: McpDocument, from: number, to: number, newText: string): TextEdit {
  return { range: { start: text.positionAt(from), end: text.positionAt(to) }, newText };
}

export function replaceNode(document: McpDocument, { offset, length }: Node, value: unknown): TextEdit {
  return replaceText(document, offset, offset + length, JSON.stringify(value));
}

/** Removes a member of an object or an item of a list, with the comma that belonged to it. */
export function removeChild(document: McpDocument, child: Node): TextEdit[] {
  const all = document.text.getText();
  const siblings = child.parent?.children ?? [child];
  const at = siblings.indexOf(child);
  const [before, after] = [siblings[at - 1], siblings[at + 1]];
  const end = child.offset + child.length;
  const comma = commaAfter(all, end, after?.offset ?? endOf(child.parent));
  const upTo = comma ?? end;
  if (after !== undefined) {
    const rest = /^[^\S\n]*\n?[^\S\n]*/.exec(all.slice(upTo, after.offset))?.[0].length ?? 0;
    return [replaceText(document, child.offset, upTo + rest, '')];
  }
  const start = before === undefined ? (child.parent?.offset ?? 0) : before.offset + before.length;
  const gap = all.slice(start, child.offset);
  // The end of the line ends a comment, too.
  const space = (gap.includes('//') ? /[^\S\n]*$/ : /\n?[^\S\n]*$/).exec(gap)?.[0] ?? '';
  const from = child.offset - space.length;
  const edits = [replaceText(document, from, upTo, '')];
  const commaBefore = before === undefined ? undefined : commaAfter(all, before.offset + before.length, child.offset);
  if (commaBefore === undefined || comma !== undefined) return edits;
  // Only spaces lie between: one edit, for two may not touch.
  return commaBefore >= from
    ? [replaceText(document, commaBefore - 1, upTo, '')]
    : [replaceText(document, commaBefore - 1, commaBefore, ''), ...edits];
}

/** Adds a member at the end of an object, in the layout of the members that are there. */
export function addMember(document: McpDocument, object: Node, key: string, value: unknown): TextEdit {
  const all = document.text.getText();
  const members = membersOf(object);
  const last = members.at(-1)?.property;
  const text = `${JSON.stringify(key)}: ${inOneLine(value)}`;
  if (last === undefined) return replaceText(document, object.offset, endOf(object), `{ ${text} }`);
  const end = last.offset + last.length;
  const comma = commaAfter(all, end, endOf(object));
  const lead = /\n[^\S\n]*$/.exec(all.slice(0, last.offset))?.[0];
  const separator = lead ?? ' ';
  return comma === undefined
    ? replaceText(document, end, end, `,${separator}${text}`)
    : replaceText(document, comma, comma, `${separator}${text},`);
}

/** `{ "profile": "workiq" }`, as people write small objects. */
export function inOneLine(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`;
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${inOneLine(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** The offset behind the next comma, over white space and comments. */
function commaAfter(text: string, from: number, to: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(from);
  const isComma = (scanner.scan() as number) === jsoncToken.comma && scanner.getTokenOffset() < to;
  return isComma ? scanner.getTokenOffset() + 1 : undefined;
}

function endOf(node: Node | undefined): number {
  return node === undefined ? Infinity : node.offset + node.length;
}
