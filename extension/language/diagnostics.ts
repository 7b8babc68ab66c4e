// What is wrong with an mcp.json, as diagnostics; pure.
import type { Diagnostic } from 'vscode-languageserver';
import type { LanguageContext } from './language-context.ts';
import type { McpDocument } from './mcp-document.ts';
import { rangeOf } from './mcp-place.ts';
import type { Finding } from './rules/finding.ts';
import { ruleCodes, type RuleSeverity } from './rules/rule-codes.ts';
import { findInFile } from './rules/rules.ts';

export interface DiagnosticOptions {
  /** Address of a heading of docs/mcp-json.md, as its anchor is written; without it diagnostics have no link. */
  linkTo?: (heading: string) => string | undefined;
}

/** LSP's numbers. */
const severities = { error: 1, warning: 2, information: 3 } as const satisfies Record<RuleSeverity, 1 | 2 | 3>;
const tags = { unnecessary: 1, deprecated: 2 } as const;
/** A file full of mistakes is not helped by more of them. */
const mostDiagnostics = 1_000;

/** In the order of the file. */
export function diagnose(
  document: McpDocument,
  context: LanguageContext,
  { linkTo }: DiagnosticOptions = {},
): Diagnostic[] {
  return findInFile(document, context)
    .slice(0, mostDiagnostics)
    .map((finding) => {
      const href = linkTo?.(anchorOf(finding));
      return {
        range: rangeOf(document, finding.from, finding.to),
        severity: severities[severityOf(finding)],
        code: finding.code,
        source: 'rockbot',
        message: finding.message,
        ...(href === undefined ? {} : { codeDescription: { href } }),
        ...(finding.tag === undefined ? {} : { tags: [tags[finding.tag]] }),
      };
    });
}

function severityOf({ code, severity }: Finding): RuleSeverity {
  return severity ?? ruleCodes[code];
}

/** As headings of Markdown become anchors: without the slash. */
function anchorOf({ code }: Finding): string {
  return code.replace('/', '');
}
