// Finds what a `$ref` of a raw schema points to; only references within the same document are followed.
import { isJsonArray, isJsonObject, ownValue } from './json-value.ts';
import { partsOf } from './field-path.ts';

/** Enough for any real schema; a search for an anchor ends there. */
const maxSearched = 20_000;

/** The schema a reference names; undefined when it is remote or not there. */
export function referenced(root: unknown, reference: string): unknown {
  const fragment = localFragment(root, reference);
  if (fragment === undefined) return undefined;
  if (fragment === '') return root;
  return fragment.startsWith('/') ? atPointer(root, fragment) : withAnchor(root, fragment);
}

function localFragment(root: unknown, reference: string): string | undefined {
  const hash = reference.indexOf('#');
  const document = hash === -1 ? reference : reference.slice(0, hash);
  const id = isJsonObject(root) ? (ownValue(root, '$id') ?? ownValue(root, 'id')) : undefined;
  const own = typeof id === 'string' ? id.replace(/#.*$/, '') : '';
  if (document !== '' && document !== own) return undefined;
  const fragment = hash === -1 ? '' : reference.slice(hash + 1);
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function atPointer(root: unknown, pointer: string): unknown {
  let found: unknown = root;
  for (const part of partsOf(pointer)) {
    if (isJsonArray(found)) found = /^\d+$/.test(part) ? found[Number(part)] : undefined;
    else if (isJsonObject(found)) found = ownValue(found, part);
    else return undefined;
  }
  return found;
}

function withAnchor(root: unknown, anchor: string): unknown {
  const waiting: unknown[] = [root];
  for (let searched = 0; searched < maxSearched; searched++) {
    if (waiting.length === 0) return undefined;
    const node = waiting.pop();
    if (isJsonObject(node)) {
      if (ownValue(node, '$anchor') === anchor || ownValue(node, '$dynamicAnchor') === anchor) return node;
      for (const value of Object.values(node)) waiting.push(value);
    } else if (isJsonArray(node)) {
      for (const value of node) waiting.push(value);
    }
  }
  return undefined;
}
