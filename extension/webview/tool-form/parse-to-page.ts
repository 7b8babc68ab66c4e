// Checks what the extension posts to the page by hand, since a schema library would be most of the page.
import type { RunView, ToolHead, ToPage } from '../../tool-form/form-messages.ts';
import { outerStep, outerStepIds, type OuterStep } from '../../tool-form/outer-step.ts';
import { parseFormTarget } from '../../tool-form/saved-page.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/tool-schema/json-value.ts';

type Member = JsonValue | undefined;

/** Undefined for what is no message of this page. */
export function parseToPage(data: unknown): ToPage | undefined {
  if (!isJsonObject(data)) return undefined;
  const { type, revision, head: givenHead, inputSchema, arguments: values, message, isGone } = data;
  if (type === 'without') return isText(message) && typeof isGone === 'boolean' ? { type, message, isGone } : undefined;
  const run = runOf(data['run']);
  if (run === undefined) return undefined;
  if (type === 'run') return { type, run };
  const head = headOf(givenHead);
  const target = parseFormTarget(data['target']);
  if (type !== 'show' || head === undefined || target === undefined) return undefined;
  if (typeof revision !== 'number' || !isObject(inputSchema)) return undefined;
  if (values === undefined) return { type, revision, target, head, inputSchema, run };
  return isObject(values) ? { type, revision, target, head, inputSchema, arguments: values, run } : undefined;
}

function headOf(given: Member): ToolHead | undefined {
  if (!isObject(given)) return undefined;
  const { server, name, title, description, sideEffects } = given;
  if (sideEffects !== 'read' && sideEffects !== 'write') return undefined;
  const words = { server, name, title, description };
  return areTexts(words) ? { ...words, sideEffects } : undefined;
}

function runOf(given: Member): RunView | undefined {
  if (!isObject(given)) return undefined;
  const { kind } = given;
  switch (kind) {
    case 'idle':
    case 'asking':
      return { kind };
    case 'running': {
      const { isCancelling, share, message } = given;
      if (typeof isCancelling !== 'boolean' || !isOptional(share, isNumber) || !isOptional(message, isText))
        return undefined;
      return { kind, isCancelling, ...(share !== undefined && { share }), ...(message !== undefined && { message }) };
    }
    case 'done': {
      const { durationMs } = given;
      return isNumber(durationMs) ? { kind, durationMs } : undefined;
    }
    case 'cancelled': {
      const { message, action } = given;
      if (!isText(message) || !isOptional(action, isText)) return undefined;
      return { kind, message, ...(action !== undefined && { action }) };
    }
    case 'failed':
      return failureOf(given);
    default:
      return undefined;
  }
}

function failureOf(given: JsonObject): RunView | undefined {
  const { code, title, meaning, message, advice, retryHint, requestId } = given;
  const words = { code, title, meaning, message, advice };
  const step = stepOf(given['step']);
  if (!areTexts(words) || !isOptional(retryHint, isText) || !isOptional(requestId, isText)) return undefined;
  return {
    kind: 'failed',
    ...words,
    ...(retryHint !== undefined && { retryHint }),
    ...(requestId !== undefined && { requestId }),
    ...(step !== undefined && { step }),
  };
}

/** A step that this page does not know is not offered. */
function stepOf(given: Member): OuterStep | undefined {
  const id = isObject(given) ? outerStepIds.find((known) => known === given['id']) : undefined;
  return id && outerStep(id);
}

const isText = (value: Member): value is string => typeof value === 'string';
const isNumber = (value: Member): value is number => typeof value === 'number';
const isObject = (value: Member): value is JsonObject => value !== undefined && isJsonObject(value);

function isOptional<Value extends JsonValue>(
  value: Member,
  is: (value: Member) => value is Value,
): value is Value | undefined {
  return value === undefined || is(value);
}

function areTexts<Name extends string>(members: Record<Name, Member>): members is Record<Name, string> {
  return Object.values<Member>(members).every(isText);
}
