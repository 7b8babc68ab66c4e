// Parses what a tool's form page says to the extension.
import * as z from 'zod';
import type { ToHost } from './form-messages.ts';
import { isJsonObject, type JsonObject } from '../../shared/tool-schema/json-value.ts';
import { outerStepIds } from './outer-step.ts';

const toHost = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), timeZone: z.optional(z.string()) }),
  z.object({ type: z.literal('run'), arguments: z.string() }),
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('openResult') }),
  z.object({ type: z.literal('chooseTool') }),
  z.object({ type: z.literal('step'), id: z.enum(outerStepIds) }),
]) satisfies z.ZodType<ToHost>;

/** Undefined for what is no message of this page. */
export function parseToHost(data: unknown): ToHost | undefined {
  return toHost.safeParse(data).data;
}

/** Undefined for what is no JSON object. */
export function parseArguments(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
