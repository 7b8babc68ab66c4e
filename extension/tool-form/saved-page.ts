// What a form's page leaves for its next life, after it was hidden or the window reloaded; parsed on both sides.
import { isJsonObject } from '../../shared/tool-schema/json-value.ts';
import type { FormTarget } from './form-messages.ts';
import { parseFormState, type FormState } from './form-state.ts';

export interface SavedPage {
  readonly target: FormTarget;
  readonly revision: number;
  readonly state: FormState;
  readonly touched: readonly string[];
  readonly isAttempted: boolean;
  /** Text of the JSON side, when it is shown. */
  readonly json?: string;
}

/** Undefined for anything else. */
export function parseSavedPage(data: unknown): SavedPage | undefined {
  if (!isJsonObject(data)) return undefined;
  const { revision, touched, isAttempted, json } = data;
  const state = parseFormState(data['state']);
  const target = parseFormTarget(data['target']);
  if (state === undefined || target === undefined) return undefined;
  if (typeof revision !== 'number' || !Array.isArray(touched)) return undefined;
  return {
    target,
    revision,
    state,
    touched: touched.filter((key) => typeof key === 'string'),
    isAttempted: isAttempted === true,
    ...(typeof json === 'string' && { json }),
  };
}

/** Undefined for anything else. */
export function parseFormTarget(data: unknown): FormTarget | undefined {
  if (!isJsonObject(data)) return undefined;
  const { server, tool } = data;
  return typeof server === 'string' && typeof tool === 'string' ? { server, tool } : undefined;
}
