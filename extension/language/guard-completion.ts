// Completion of the rules of guards: the tool, and behind it the path; pure.
import { CompletionItemKind, type CompletionItem } from 'vscode-languageserver';
import { takesNoPath } from '../../shared/guards/work-iq-tools.ts';
import type { PlacedRequest } from './completion.ts';
import { textItem } from './completion-item.ts';
import { knownPaths, ruleInWords } from './guard-words.ts';
import { knownTools } from './known-server.ts';
import { rangeOf } from './mcp-place.ts';
import { toolParts } from './server-completion.ts';

export function guardCompletion(request: PlacedRequest, list: 'allow' | 'deny'): CompletionItem[] {
  const { document, place, offset } = request;
  const { string } = place;
  if (string === undefined) return [...toolItems(request), ...wholeRules(request, list)];
  const before = document.text.getText().slice(string.from + 1, offset);
  if (before.trimStart().includes(' ')) return pathItems(request, list, before);
  // Behind the tool of a rule that goes on with a path only the tool is written anew.
  const space = string.raw.trimEnd().indexOf(' ');
  if (space === -1) return [...toolItems(request), ...wholeRules(request, list)];
  const range = rangeOf(document, string.from + 1, string.from + 1 + space);
  return toolItems(request).map((item) => ({
    ...item,
    filterText: item.label,
    textEdit: { range, newText: JSON.stringify(item.label).slice(1, -1) },
  }));
}

function toolItems(request: PlacedRequest): CompletionItem[] {
  const { document, context, server } = request;
  // A rule has no "/" and no space in its tool.
  const tools = knownTools(document, context, server.name).filter(({ name }) => !/[\s/\\]/.test(name));
  return [
    ...tools.map((tool) => textItem(request, tool.name, toolParts(tool))),
    textItem(request, '*', { label: '*', detail: 'any tool', kind: CompletionItemKind.Operator, sortText: '3*' }),
  ];
}

/** Rules as the guide recommends them. */
const recommended: Readonly<Record<'allow' | 'deny', readonly string[]>> = {
  allow: ['fetch /me/messages/**', 'fetch /me/events/**', 'fetch /me/calendar/**', 'call_function /me/calendarView'],
  deny: ['* **/sendMail', '* **/send', '* **/reply', '* **/replyAll', '* **/forward', 'ask'],
};

function wholeRules(request: PlacedRequest, list: 'allow' | 'deny'): CompletionItem[] {
  return recommended[list].map((rule) =>
    textItem(request, rule, {
      label: rule,
      detail: 'a rule',
      documentation: ruleInWords(list, rule) ?? '',
      kind: CompletionItemKind.Value,
      sortText: `4${rule}`,
    }),
  );
}

function pathItems(
  { document, place: { string }, offset }: PlacedRequest,
  list: 'allow' | 'deny',
  before: string,
): CompletionItem[] {
  const tool = before.trim().split(/\s+/)[0] ?? '';
  if (string === undefined || takesNoPath(tool)) return [];
  const begun = /\S*$/.exec(before)?.[0].length ?? 0;
  const end = document.text.getText().slice(string.from + 1 + before.length, string.from + 1 + string.raw.length);
  const range = rangeOf(document, offset - begun, offset + (/^\S*/.exec(end)?.[0].length ?? 0));
  return knownPaths.map(({ path, meaning }, index) => ({
    label: path,
    detail: meaning,
    documentation: ruleInWords(list, `${tool} ${path}`) ?? '',
    kind: CompletionItemKind.Folder,
    filterText: path,
    sortText: String(index).padStart(2, '0'),
    textEdit: { range, newText: path },
  }));
}
