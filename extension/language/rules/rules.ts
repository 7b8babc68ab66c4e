// All rules of mcp.json, and what they find in a file; no rule knows of another.
import type { LanguageContext } from '../language-context.ts';
import type { McpDocument } from '../mcp-document.ts';
import { findAddressProblems } from './address.ts';
import { findEntryProblems } from './entry-problems.ts';
import { findShapeProblems } from './file-shape.ts';
import { createFileView, type FileView } from './file-view.ts';
import type { Finding } from './finding.ts';
import { withoutFollowOns } from './follow-ons.ts';
import { findGuards } from './guards.ts';
import { findKeys } from './keys.ts';
import { findOverBus } from './over-bus.ts';
import { findSecrets } from './secrets.ts';
import { findSyntaxErrors } from './syntax.ts';
import { findToolNames } from './tools.ts';
import { findVariables } from './variables.ts';
import { findWorkIq } from './work-iq.ts';

type Rule = (view: FileView) => Iterable<Finding>;

const rules: readonly Rule[] = [
  findSyntaxErrors,
  findShapeProblems,
  findEntryProblems,
  findSecrets,
  findKeys,
  findVariables,
  findAddressProblems,
  findToolNames,
  findGuards,
  findWorkIq,
  findOverBus,
];

const found = new WeakMap<McpDocument, { context: LanguageContext; findings: readonly Finding[] }>();

/** In the order of the file. The same document and context are looked at once. */
export function findInFile(document: McpDocument, context: LanguageContext): readonly Finding[] {
  const known = found.get(document);
  if (known?.context === context) return known.findings;
  const view = createFileView(document, context);
  const all = rules.flatMap((rule) => [...rule(view)]);
  const findings = withoutFollowOns(document, all).toSorted(
    (left, right) => left.from - right.from || left.to - right.to,
  );
  found.set(document, { context, findings });
  return findings;
}
