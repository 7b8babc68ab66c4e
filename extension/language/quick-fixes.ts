// How what is wrong with an mcp.json is repaired, as code actions; pure.
import type { CodeAction, Diagnostic, Range } from 'vscode-languageserver';
import { diagnose } from './diagnostics.ts';
import type { LanguageContext } from './language-context.ts';
import type { McpDocument } from './mcp-document.ts';
import { findInFile } from './rules/rules.ts';

export interface QuickFixRequest {
  /** Those that the editor shows at the place; empty for all in the range. */
  diagnostics: readonly Diagnostic[];
  range: Range;
}

/** Found anew, so that nothing has to travel with the diagnostics. */
export function quickFixes(
  document: McpDocument,
  context: LanguageContext,
  { diagnostics, range }: QuickFixRequest,
): CodeAction[] {
  const [from, to] = [document.text.offsetAt(range.start), document.text.offsetAt(range.end)];
  const wanted = new Set(diagnostics.map(({ code }) => code));
  const all = diagnose(document, context);
  return findInFile(document, context).flatMap((finding, index) => {
    const diagnostic = all[index];
    const isHere = finding.from <= to && finding.to >= from && (wanted.size === 0 || wanted.has(finding.code));
    if (!isHere || diagnostic === undefined) return [];
    return (finding.fixes?.() ?? [])
      .filter(({ edits }) => edits.length > 0)
      .map(({ title, edits }, at) => ({
        title,
        kind: 'quickfix',
        diagnostics: [diagnostic],
        isPreferred: at === 0,
        edit: { changes: { [document.text.uri]: edits } },
      }));
  });
}
