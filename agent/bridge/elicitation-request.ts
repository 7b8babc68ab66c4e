// Reads a server's `elicitation/create` into a question that can be shown, or says why it cannot. Sources: MCP 2025-06-18 and
// 2025-11-25, client/elicitation.
import * as z from 'zod';
import { asksForCredential, credentialField, type AskedField } from '../../shared/elicitation/credential-field.ts';
import { parseRequestedSchema, type RequestedSchema } from '../../shared/elicitation/requested-schema.ts';
import { plainText } from '../../shared/plain-text.ts';
import { maskStrings } from './mask-strings.ts';

export interface Question {
  message: string;
  schema: RequestedSchema;
}

export type ReadQuestion =
  | { kind: 'question'; question: Question }
  /** Nobody is asked; `why` is for the log. */
  | { kind: 'credential'; why: string }
  /** `problem` is for the server's author. */
  | { kind: 'invalid'; problem: string };

const messageLength = 2_000;
const maxSchemaBytes = 64 * 1024;

const paramsSchema = z.looseObject({
  mode: z.string().optional(),
  message: z.string(),
  requestedSchema: z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() }),
});

/** `mask` takes out what no words of the server may repeat; of each text as it is, not as JSON writes it. */
export function readQuestion(params: unknown, mask: (text: string) => string): ReadQuestion {
  const mode = z.looseObject({ mode: z.string().optional() }).safeParse(params).data?.mode ?? 'form';
  if (mode !== 'form')
    return { kind: 'invalid', problem: `This client takes no questions of the mode "${mode.slice(0, 20)}"` };
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success) return { kind: 'invalid', problem: 'A question needs a message and a requestedSchema' };
  const { message, requestedSchema } = parsed.data;
  // First: what is looked for below takes its time with each field.
  const text = JSON.stringify(requestedSchema);
  if (text.length > maxSchemaBytes) return { kind: 'invalid', problem: 'requestedSchema is too large' };
  const field = credentialField(Object.entries(requestedSchema.properties ?? {}).map(askedField));
  if (field !== undefined)
    return { kind: 'credential', why: `its field "${plainText(field, 60)}" asks for a credential` };
  if (asksForCredential(message)) return { kind: 'credential', why: 'its message asks for a credential' };
  const read = parseRequestedSchema(maskStrings(JSON.parse(text), mask));
  if (!read.ok) return { kind: 'invalid', problem: read.problem };
  return { kind: 'question', question: { message: plainText(mask(message), messageLength), schema: read.schema } };
}

const fieldSchema = z.looseObject({
  type: z.unknown().optional(),
  title: z.unknown().optional(),
  description: z.unknown().optional(),
  format: z.unknown().optional(),
  enum: z.array(z.unknown()).min(1).optional().catch(undefined),
  oneOf: z.array(z.unknown()).min(1).optional().catch(undefined),
});

function askedField([name, raw]: [string, unknown]): AskedField {
  const field = fieldSchema.safeParse(raw).data;
  if (field === undefined) return { name };
  const { type, title, description, format } = field;
  // Only what can then be shown as choices; anything else is held for what can be typed.
  const isChoice = type === 'array' || (type === 'string' && (field.enum ?? field.oneOf) !== undefined);
  return { name, type, title, description, format, isChoice };
}
