// Finds credentials that stand in a patrol as plain text: patrols name tools, whose servers have credentials of their own (promise S3).
import { holdsLiteral, isCredentialName, looksLikeCredential } from '../mcp-config/credential-forms.ts';
import { parseTemplate } from './template.ts';

export interface CredentialProblem {
  path: (string | number)[];
  message: string;
}

const message = 'holds a credential: remove it; the servers in mcp.json have credentials of their own';
const maxDepth = 24;

/** Names the place, never the value. Long ids are none: arguments name folders and files by them. */
export function* findCredentialProblems(
  value: unknown,
  path: (string | number)[] = [],
): Generator<CredentialProblem, void, undefined> {
  if (path.length > maxDepth) return;
  if (typeof value === 'string') {
    const name = path.findLast((part) => typeof part === 'string') ?? '';
    const written = writtenText(value);
    if (looksLikeCredential(written) || (isCredentialName(name) && holdsLiteral(written))) yield { path, message };
  } else if (value !== null && typeof value === 'object') {
    for (const [key, member] of Object.entries(value)) {
      const inner = [...path, Array.isArray(value) ? Number(key) : key];
      // A key that looks like one must not be repeated.
      if (looksLikeCredential(key)) yield { path, message };
      else yield* findCredentialProblems(member, inner);
    }
  }
}

/** Without the expressions, and the texts in them. */
function writtenText(text: string): string {
  const template = parseTemplate(text);
  if (!template.ok) return text;
  return template.parts.map((part) => (part.kind === 'text' ? part.text : textsOf(part.source))).join('');
}

/** A credential could stand in quotes. */
function textsOf(source: string): string {
  return (source.match(/'[^']{8,}'|`[^`]{8,}`|"[^"]{8,}"/g) ?? []).map((quoted) => ` ${quoted.slice(1, -1)} `).join('');
}
