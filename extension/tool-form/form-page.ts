// The state of a form's page and its changes, pure: what is filled in, which problems are shown, form or JSON, and the run.
import { compileCheck, type CheckArguments, type Problem } from '../../shared/tool-schema/check-arguments.ts';
import { enteredArguments } from './entered-arguments.ts';
import { initialArguments } from './field-value.ts';
import type { FormTarget, RunView, ToolHead, ToPage } from './form-messages.ts';
import type { Field } from './form-field.ts';
import { formProblems, type FormProblems } from './form-problems.ts';
import { hasSecrets, withoutSecrets } from './form-secrets.ts';
import { stateOf, type FormState } from './form-state.ts';
import { isJsonObject, type JsonObject } from '../../shared/tool-schema/json-value.ts';
import { parseJsonText } from './parse-json-text.ts';
import { parseSchema } from '../../shared/tool-schema/parse-schema.ts';
import type { SavedPage } from './saved-page.ts';
import { formOf } from './schema-form.ts';

export interface FormPage {
  readonly revision: number;
  readonly target: FormTarget;
  readonly head: ToolHead;
  readonly root: Field;
  readonly check: CheckArguments;
  readonly state: FormState;
  readonly problems: FormProblems;
  /** Keys of inputs whose problems are shown although nobody tried to run yet. */
  readonly touched: ReadonlySet<string>;
  /** After the first try to run every problem is shown. */
  readonly isAttempted: boolean;
  /** Keys of fields that are shown as JSON until they are left, since their value did not fit. */
  readonly asJson: ReadonlySet<string>;
  /** The text of the input that is being typed in; its value alone would not bring it back letter by letter. */
  readonly typed: { readonly key: string; readonly text: string } | undefined;
  /** Present while the arguments are shown as JSON. */
  readonly json: JsonSide | undefined;
  readonly run: RunView;
}

export interface JsonSide {
  readonly text: string;
  /** Until the text is changed, going back finds the form as it was left. */
  readonly isEdited: boolean;
  /** Why the text is no object of arguments. */
  readonly problem?: string;
  readonly problems: readonly Problem[];
}

export function openPage(message: ToPage & { type: 'show' }, saved: SavedPage | undefined): FormPage {
  const { revision, target, head, inputSchema, run } = message;
  const schema = parseSchema(inputSchema);
  const { root } = formOf(schema);
  const check = compileCheck(schema);
  const isOwn = saved?.revision === revision;
  const state = isOwn ? saved.state : stateOf(message.arguments ?? initialArguments(root));
  const page: FormPage = {
    revision,
    target,
    head,
    root,
    check,
    state,
    problems: formProblems(root, state, check),
    touched: new Set(isOwn ? saved.touched : []),
    isAttempted: isOwn && saved.isAttempted,
    asJson: new Set(),
    typed: undefined,
    json: undefined,
    run,
  };
  return isOwn && saved.json !== undefined ? editJson(page, saved.json) : page;
}

/** As it is now, for a page that goes on. */
export function savedPage({ revision, target, state, touched, isAttempted, json }: FormPage): SavedPage {
  return {
    target,
    revision,
    state,
    touched: [...touched],
    isAttempted,
    ...(json !== undefined && { json: json.text }),
  };
}

/** What VS Code may keep over a reload of the window: all but secrets. */
export function keptPage(page: FormPage): SavedPage {
  const { root, state, json } = page;
  const kept = withoutSecrets(root, state);
  // A text that is no JSON (yet) cannot be searched for them.
  const mayTell = kept === state && (json?.problem === undefined || !hasSecrets(root));
  const { json: text, ...rest } = savedPage(page);
  return { ...rest, state: kept, ...(text !== undefined && mayTell && { json: text }) };
}

export function withState(page: FormPage, state: FormState): FormPage {
  return { ...page, state, problems: formProblems(page.root, state, page.check) };
}

export function touch(page: FormPage, key: string): FormPage {
  return page.touched.has(key) ? page : { ...page, touched: new Set([...page.touched, key]) };
}

/** An input was left: its text becomes what its value is written as, and a value that fits is shown in its field again. */
export function leaveInput(page: FormPage, key: string): FormPage {
  const left = page.typed?.key === key ? { ...touch(page, key), typed: undefined } : page;
  return left.asJson.has(key) ? { ...left, asJson: new Set([...left.asJson].filter((held) => held !== key)) } : left;
}

/** The problem to show at an input right now. */
export function shownProblem({ problems, touched, isAttempted }: FormPage, key: string): string | undefined {
  return isAttempted || touched.has(key) ? problems.get(key) : undefined;
}

export function showJson(page: FormPage): FormPage {
  const values = enteredArguments(page.state);
  const json = { text: JSON.stringify(values, null, 2), isEdited: false, problems: page.check(values) };
  return { ...page, json, typed: undefined };
}

export function editJson(page: FormPage, text: string): FormPage {
  const reading = readArguments(text);
  if ('problem' in reading) return { ...page, json: { text, isEdited: true, problem: reading.problem, problems: [] } };
  const { values } = reading;
  return {
    ...withState(page, stateOf(values)),
    json: { text, isEdited: true, problems: page.check(values) },
  };
}

/** Stays with the JSON while that is no object, so that nothing typed is lost. */
export function showForm(page: FormPage): FormPage {
  if (page.json?.problem !== undefined) return { ...page, isAttempted: true };
  return { ...page, json: undefined };
}

/** How many places have to change before the call fits the tool's schema. */
export function problemCount({ json, problems }: FormPage): number {
  if (json === undefined) return problems.size;
  return json.problem === undefined ? json.problems.length : 1;
}

/** The arguments of a call; undefined while there are none that could be sent. */
export function argumentsToSend({ json, state, problems }: FormPage): JsonObject | undefined {
  if (json !== undefined) return json.problem === undefined ? state.arguments : undefined;
  return problems.size === 0 ? enteredArguments(state) : undefined;
}

function readArguments(text: string): { values: JsonObject } | { problem: string } {
  if (text.trim() === '') return { values: {} };
  const reading = parseJsonText(text);
  if ('problem' in reading) return reading;
  return isJsonObject(reading.value)
    ? { values: reading.value }
    : { problem: 'Arguments are a JSON object, such as {"name": "value"}.' };
}
