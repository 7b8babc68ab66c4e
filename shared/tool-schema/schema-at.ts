// Finds the schema that holds a keyword, from the location a validator names, which goes through references.
import type { Schema } from '@cfworker/json-schema';
import { isJsonArray, isJsonObject, ownValue, type JsonValue } from './json-value.ts';

/** The schema around the last part of a location such as `#/properties/size/$ref/minimum`. */
export function schemaAt(root: Schema, keywordLocation: string): Schema | undefined {
  let found: unknown = root;
  for (const part of keywordLocation.split('/').slice(1, -1).map(decodePart)) {
    if (isJsonArray(found)) found = found[Number(part)];
    else if (isJsonObject(found)) {
      const member: JsonValue | undefined = ownValue(found, part);
      found = part === '$ref' && typeof member === 'string' ? definition(root, member) : member;
    } else return undefined;
  }
  return isJsonObject(found) ? found : undefined;
}

/** Locations are pointers (RFC 6901) with their names percent-encoded as in a URI. */
export function decodePart(part: string): string {
  let text = part;
  try {
    text = decodeURIComponent(part);
  } catch {
    // A name with a lone "%" is left as it is.
  }
  return text.replaceAll('~1', '/').replaceAll('~0', '~');
}

function definition(root: Schema, reference: string): unknown {
  if (reference === '#') return root;
  return ownValue((root.$defs ?? {}) as Record<string, unknown>, reference.slice('#/$defs/'.length));
}
