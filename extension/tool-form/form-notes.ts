// What is noted about places beside their values, drafts and chosen alternatives, kept right when values go or rows move.
import { isWithin, partsOf, pointerOf, type FieldPath } from '../../shared/tool-schema/field-path.ts';
import type { FormState } from './form-state.ts';

const restPrefix = 'rest:';

/**
 * What was typed at a place and below counts no more, nor that it was blank around it; which alternative is shown at the
 * place itself still does.
 */
export function forgetNotes(state: FormState, path: FieldPath): FormState {
  const pointer = pointerOf(path);
  return {
    ...state,
    drafts: filterKeys(state.drafts, (key) => !isWithin(pointerIn(key), pointer) && !isWithin(pointer, key)),
    chosen: filterKeys(state.chosen, (key) => key === pointer || !isWithin(key, pointer)),
  };
}

/** `target` gives the new index of a row, undefined for one that went. */
export function moveNotes(
  state: FormState,
  list: FieldPath,
  target: (row: number) => number | undefined,
): Pick<FormState, 'drafts' | 'chosen'> {
  const pointer = pointerOf(list);
  return { drafts: moveKeys(state.drafts, pointer, target), chosen: moveKeys(state.chosen, pointer, target) };
}

export function filterKeys<T>(
  record: Readonly<Record<string, T>>,
  isKept: (key: string) => boolean,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => isKept(key)));
}

function moveKeys<T>(
  record: Readonly<Record<string, T>>,
  list: string,
  target: (row: number) => number | undefined,
): Readonly<Record<string, T>> {
  const depth = partsOf(list).length;
  const moved: [string, T][] = [];
  for (const [key, value] of Object.entries(record)) {
    const pointer = pointerIn(key);
    if (pointer === list || !isWithin(pointer, list)) {
      moved.push([key, value]);
      continue;
    }
    const parts = partsOf(pointer);
    const row = target(Number(parts[depth]));
    if (row === undefined) continue;
    const prefix = key.slice(0, key.length - pointer.length);
    moved.push([`${prefix}${pointerOf(parts.with(depth, String(row)))}`, value]);
  }
  return Object.fromEntries(moved);
}

function pointerIn(key: string): string {
  return key.startsWith(restPrefix) ? key.slice(restPrefix.length) : key;
}
