// Which of what was filled in is secret, by the tool's schema or by its name, so that it is not kept beyond the page; pure.
import { credentialField } from '../../shared/elicitation/credential-field.ts';
import type { FieldPath } from '../../shared/tool-schema/field-path.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../shared/tool-schema/json-value.ts';
import { memberOf } from './field-at.ts';
import type { Field } from './form-field.ts';
import { filterKeys } from './form-notes.ts';
import type { FormState } from './form-state.ts';

const known = new WeakMap<Field, boolean>();

/** Whether the field or one inside it is for something secret. */
export function hasSecrets(field: Field): boolean {
  const before = known.get(field);
  if (before !== undefined) return before;
  const found = isSecret(field) || partsOf(field).some(hasSecrets);
  known.set(field, found);
  return found;
}

/** The same state where there is nothing secret in it. */
export function withoutSecrets(root: Field, state: FormState): FormState {
  if (!hasSecrets(root)) return state;
  let count = 0;

  const walk = (field: Field | undefined, value: JsonValue, path: FieldPath): JsonValue | undefined => {
    if (field === undefined || !hasSecrets(field)) return value;
    // Of alternatives one is enough: which of them is shown follows from the value.
    if (isSecret(field) || (field.kind === 'variant' && field.alternatives.some(isSecret))) {
      count++;
      return undefined;
    }
    if (isJsonObject(value)) return walkObject(field, value, path);
    // A row cannot go without moving the others.
    if (isJsonArray(value))
      return value.map((item, at) => walk(memberOf(field, state, path, at), item, [...path, at]) ?? null);
    return value;
  };

  const walkObject = (field: Field, value: JsonObject, path: FieldPath): JsonObject =>
    Object.fromEntries(
      Object.entries(value).flatMap(([name, member]) => {
        const kept = walk(memberOf(field, state, path, name), member, [...path, name]);
        return kept === undefined ? [] : [[name, kept]];
      }),
    );

  const values = walkObject(root, state.arguments, []);
  // Half a JSON text can hold anything; a blank row holds nothing.
  const drafts = filterKeys(state.drafts, (key) => state.drafts[key] === '');
  const isSame = count === 0 && Object.keys(drafts).length === Object.keys(state.drafts).length;
  return isSame ? state : { ...state, arguments: values, drafts };
}

function isSecret(field: Field): boolean {
  const { name, label, kind, secret } = field;
  if (secret === true) return true;
  if (kind === 'boolean' || kind === 'choice' || kind === 'constant') return false;
  return credentialField([{ name, title: label, type: kind === 'number' ? 'number' : 'string' }]) !== undefined;
}

function partsOf(field: Field): readonly Field[] {
  switch (field.kind) {
    case 'group':
      return field.fields;
    case 'list':
      return [field.item];
    case 'variant':
      return field.alternatives;
    default:
      return [];
  }
}
