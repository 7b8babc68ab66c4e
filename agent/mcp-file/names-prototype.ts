// Whether a text of JSON names "__proto__", in whatever spelling: parsers differ in what they make of it, and some let an entry
// inherit a command by it.
import { createScanner } from 'jsonc-parser';
import { jsoncToken } from '../../shared/jsonc-token.ts';

export function namesPrototype(text: string): boolean {
  const scanner = createScanner(text, true);
  for (let kind: number = scanner.scan(); kind !== jsoncToken.end; kind = scanner.scan())
    if (kind === jsoncToken.text && scanner.getTokenValue() === '__proto__') return true;
  return false;
}
