// Puts the next page of a list into the result that the list came in, so that both are one result from then on; pure.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { parseExactJson } from './exact-json.ts';
import { jsonText } from './json-text.ts';
import { pagedListOf, withPage, type PagedList } from './paged-list.ts';
import { readResult } from './result-parts.ts';

export type Appended =
  | { kind: 'appended'; event: ToolResultEvent }
  /** Why there is no further page, for people. */
  | { kind: 'failed'; problem: string };

/** Levels of a result in which lists are looked for. */
const maxDepth = 8;

/** `link`: the address of the page, as it stands in the result of `event`. */
export function appendPage(event: ToolResultEvent, link: string, answer: ToolResultEvent): Appended {
  const { error } = answer;
  if (error !== undefined) return failed([error.message, error.action].filter(Boolean).join(' '));
  const { parts } = readResult(answer.result, { parse: parseExactJson });
  const failure = parts.find(({ kind }) => kind === 'failure');
  if (failure?.kind === 'failure') return failed(failure.message);
  const page = parts.map((part) => (part.kind === 'value' ? pageOf(part.value) : undefined)).find(Boolean);
  const { json } = readResult(event.result, { parse: parseExactJson });
  const merged = page === undefined ? undefined : replaceList(json, { link, page, depth: maxDepth });
  if (merged === undefined) return failed('The answer is not a page of this list.');
  // As texts, in which large integers stay what they are; several documents of one result stay several.
  const texts = (Array.isArray(merged) ? merged : [merged]).map((value) => ({ type: 'text', text: jsonText(value) }));
  const { resultBytes: _, ...facts } = event;
  return { kind: 'appended', event: { ...facts, result: { content: texts } } };
}

function pageOf(value: unknown): PagedList | undefined {
  if (Array.isArray(value)) return { key: '', items: value, next: undefined, more: false };
  return isObject(value) ? pagedListOf(value) : undefined;
}

/** Undefined when no list in `value` is followed by `link`. */
function replaceList(value: unknown, search: { link: string; page: PagedList; depth: number }): unknown {
  const { link, page, depth } = search;
  if (!isObject(value) || depth === 0) return undefined;
  if (!Array.isArray(value) && pagedListOf(value)?.next === link) return withPage(value, page);
  for (const [key, member] of Object.entries(value)) {
    const replaced = replaceList(member, { link, page, depth: depth - 1 });
    if (replaced === undefined) continue;
    if (Array.isArray(value)) return value.with(Number(key), replaced);
    return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, name === key ? replaced : own]));
  }
  return undefined;
}

function failed(problem: string): Appended {
  return { kind: 'failed', problem };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
