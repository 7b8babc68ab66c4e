// Finds credentials in one text, with the part of it that is one; it knows the text's name at most, never where it stands.
import { parseTree, type Node } from 'jsonc-parser';
import { credentialPatterns, hasCredentialSign, type CredentialKind } from './credential-patterns.ts';
import {
  isCredentialHeader,
  isCredentialName,
  isIdName,
  isOpaque,
  holdsLiteral,
  isHarmlessValue,
} from './credential-forms.ts';
import { isPlaceholder } from './placeholder.ts';

export interface TextFinding {
  /** Offsets in the text. */
  start: number;
  end: number;
  kind: CredentialKind;
  /** For people, after "looks like". */
  what: string;
  /** It only stands where a credential belongs. */
  isPlaceholder: boolean;
}

/** Longer texts are looked at up to here; nobody reads on either. */
const maxLength = 64 * 1024;

/** What has the form of a credential, whatever its name. */
export function findForms(text: string): TextFinding[] {
  if (!hasCredentialSign(text)) return [];
  const blank = withoutVariables(text.slice(0, maxLength));
  const found: TextFinding[] = [];
  for (const { kind, what, pattern } of credentialPatterns) {
    for (const match of blank.matchAll(pattern)) {
      const secret = match.groups?.['secret'] ?? match[0];
      const start = match.index + match[0].lastIndexOf(secret);
      if (isProse(secret) && kind !== 'url_password') continue;
      add(found, { start, end: start + secret.length, kind, what, isPlaceholder: isPlaceholder(secret) });
    }
  }
  return found;
}

/** The first finding at a place is the most telling one. */
function add(found: TextFinding[], one: TextFinding): void {
  if (!found.some(({ start, end }) => one.start < end && one.end > start)) found.push(one);
}

/** Blanks keep the offsets. Certificates and public keys are no secrets. */
function withoutVariables(text: string): string {
  if (!text.includes('${') && !text.includes('-----BEGIN')) return text;
  return text.replace(
    /\$\{(?:[a-z]{1,12}:)?[\w.-]{1,80}\}|\$\{[A-Za-z_]\w{0,79}:?[-?+=](?=[^{}]{0,500}\})|-----BEGIN (?:CERTIFICATE|PUBLIC KEY)-----[\s\S]*?-----END (?:CERTIFICATE|PUBLIC KEY)-----/gi,
    (variable) => ' '.repeat(variable.length),
  );
}

/** "Basic authentication", "password: optional": a word of a sentence rather than what follows a scheme or a name. */
function isProse(text: string): boolean {
  return /^[A-Za-z]?[a-z]+[.]?$/.test(text) && text.length < 20;
}

/** `isTelling` says whether a value under this name is a credential by its name alone. */
export function findInValue(name: string, value: string, isTelling: (name: string) => boolean): TextFinding[] {
  const embedded = findEmbedded(value);
  if (embedded !== undefined) return embedded;
  const forms = findForms(value);
  if (forms.some((one) => !one.isPlaceholder)) return forms;
  if (isTelling(name) && holdsLiteral(value) && !isHarmlessValue(value)) {
    const literal = literalOf(value, 'named', 'a credential, by its name');
    const isOwnName = value.trim().toLowerCase() === name.toLowerCase();
    const whole = isOwnName ? { ...literal, isPlaceholder: true } : literal;
    return whole.isPlaceholder || forms.length === 0 ? [whole] : forms;
  }
  if (forms.length > 0) return forms;
  return isOpaque(value) && !isIdName(name) ? [literalOf(value, 'opaque', 'a random key')] : [];
}

/** The written part of a value: without a scheme before it. Beside variables it is the whole value. */
export function literalOf(value: string, kind: CredentialKind, what: string): TextFinding {
  const scheme =
    /^\s*(?:(?:bearer|basic|token|apikey|api-key|dpop|digest|key|negotiate)\s+(?=\S)|[\w.-]{1,64}=(?=["']?[^=\s]))/i.exec(
      value,
    )?.[0] ?? '';
  const isMixed = value.includes('${');
  const start = isMixed ? 0 : scheme.length;
  const end = value.trimEnd().length;
  const written = value.slice(start, end);
  return { start, end, kind, what, isPlaceholder: isPlaceholder(written) || isPlaceholder(value.slice(scheme.length)) };
}

/** JSON that stands as text in a value: headers of an API, the key file of a service account. Undefined for what is none. */
function findEmbedded(value: string): TextFinding[] | undefined {
  if (!/^\s*\{\s*["}]/.test(value) || value.length > maxLength) return undefined;
  const root = parseTree(value);
  if (root?.type !== 'object') return undefined;
  return [...findInEmbedded(root, '', value, 0)];
}

function* findInEmbedded(node: Node, name: string, text: string, depth: number): Generator<TextFinding> {
  if (depth > 8) return;
  if (node.type === 'string') {
    const value = node.value as string;
    const isTelling = (of: string): boolean => isCredentialName(of) || isCredentialHeader(of);
    const isPlain = node.length === value.length + 2;
    for (const one of /^\s*\{/.test(value) ? findForms(value) : findInValue(name, value, isTelling)) {
      const [start, end] = isPlain ? [one.start, one.end] : [0, node.length - 2];
      yield { ...one, start: node.offset + 1 + start, end: Math.min(node.offset + 1 + end, text.length) };
    }
    return;
  }
  for (const child of node.children ?? []) {
    if (child.type !== 'property') yield* findInEmbedded(child, name, text, depth + 1);
    else if (child.children?.[1] !== undefined)
      yield* findInEmbedded(child.children[1], String(child.children[0]?.value), text, depth + 1);
  }
}
