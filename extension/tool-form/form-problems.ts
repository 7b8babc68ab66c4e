// Everything that is wrong in a form right now, each at the input where it is shown.
import type { CheckArguments } from '../../shared/tool-schema/check-arguments.ts';
import { enteredArguments, placeInForm } from './entered-arguments.ts';
import { partsOf, placeText, pointerOf, type FieldPath } from '../../shared/tool-schema/field-path.ts';
import { readText } from './field-text.ts';
import { canShow, valueAt } from './field-value.ts';
import type { Field, LeafField } from './form-field.ts';
import { restKey, type FormState } from './form-state.ts';
import { isJsonObject, ownValue } from '../../shared/tool-schema/json-value.ts';
import { parseJsonText } from './parse-json-text.ts';
import { fieldAt, shownField } from './field-at.ts';

/** By key of the input: the pointer of its field, or `restKey` of its group. */
export type FormProblems = ReadonlyMap<string, string>;

export function formProblems(root: Field, state: FormState, check: CheckArguments): FormProblems {
  const problems = new Map<string, string>();
  for (const [key, text] of Object.entries(state.drafts)) {
    const problem = draftProblem(root, state, key, text);
    if (problem !== undefined) problems.set(key, problem);
  }
  for (const { pointer, message } of check(enteredArguments(state))) {
    const { key, inside } = inputFor(root, state, placeInForm(state, pointer));
    // What is half typed is the reason why a value is missing.
    if (problems.has(key)) continue;
    problems.set(key, inside.length === 0 ? message : `${placeText(inside)}: ${message}`);
  }
  return problems;
}

/** A blank row is no problem: it is not sent. */
function draftProblem(root: Field, state: FormState, key: string, text: string): string | undefined {
  if (text.trim() === '') return undefined;
  if (key.startsWith('rest:')) {
    const reading = parseJsonText(text);
    return 'problem' in reading ? reading.problem : 'Enter a JSON object, such as {"name": "value"}.';
  }
  const field = fieldAt(root, state, pathOf(state, key));
  const leaf = field === undefined ? undefined : leafOf(field, state, pathOf(state, key));
  const reading = leaf === undefined ? parseJsonText(text) : readText(leaf, text);
  return 'problem' in reading ? reading.problem : undefined;
}

interface Input {
  readonly key: string;
  /** The rest of the way, where one input stands for many places. */
  readonly inside: FieldPath;
}

/** Goes from the whole towards the place as far as there are fields. */
function inputFor(root: Field, state: FormState, place: FieldPath): Input {
  let field = root;
  for (let depth = 0; ; depth++) {
    const path = place.slice(0, depth);
    const inside = place.slice(depth);
    const shown = shownField(field, state, path);
    const value = valueAt(state.arguments, path);
    const next = inside[0];
    const isOpen = value === undefined || canShow(shown, value);
    if (!isOpen || next === undefined) return { key: pointerOf(path), inside };
    if (shown.kind === 'list' && typeof next === 'number') field = shown.item;
    else if (shown.kind === 'group') {
      const member = shown.fields.find(({ name }) => name === next);
      if (member === undefined) return { key: restKey(pointerOf(path)), inside };
      field = member;
    } else return { key: pointerOf(path), inside };
  }
}

function leafOf(field: Field, state: FormState, path: FieldPath): LeafField | undefined {
  const shown = shownField(field, state, path);
  if (shown.kind === 'list' || shown.kind === 'group' || shown.kind === 'variant') return undefined;
  return shown;
}

/** Parts of a pointer are indexes where the value there is a list. */
function pathOf(state: FormState, pointer: string): FieldPath {
  const path: (string | number)[] = [];
  for (const part of partsOf(pointer)) {
    const value = valueAt(state.arguments, path);
    const isMember = value === undefined || (isJsonObject(value) && ownValue(value, part) !== undefined);
    path.push(!isMember && Array.isArray(value) ? Number(part) : part);
  }
  return path;
}
