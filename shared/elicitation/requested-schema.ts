// Reads the form that an MCP server asks a person to fill in: one flat object of plain fields, bounded and cleaned, so that it
// can be shown. Source: MCP 2025-06-18 and 2025-11-25, client/elicitation.
import * as z from 'zod';
import { isPlain, plainLine, plainText } from '../plain-text.ts';

const maxFields = 30;
const maxOptions = 200;
const nameLength = 100;
const optionLength = 200;

const count = z.number().int().nonnegative().max(1_000_000).optional();
const label = z
  .string()
  .transform((text) => plainLine(text, 200))
  .optional();
const about = z
  .string()
  .transform((text) => plainText(text, 1_000))
  .optional();
const words = { title: label, description: about };

/** An answer repeats it, so that it must be showable as it is. */
const option = z.string().refine((text) => isPlain(text, optionLength), 'an option holds what cannot be shown');
const options = z.array(option).min(1).max(maxOptions);
const titledOptions = z
  .array(z.object({ const: option, title: z.string().transform((text) => plainLine(text, optionLength)) }))
  .min(1)
  .max(maxOptions);

const knownFormats = new Set(['email', 'uri', 'date', 'date-time']);

/** Choices that cannot be shown must not become free text: nobody has looked for a credential in those. */
const noChoices = { enum: z.undefined().optional(), oneOf: z.undefined().optional() };

const textField = z.object({
  type: z.literal('string'),
  ...words,
  ...noChoices,
  minLength: count,
  maxLength: count,
  pattern: z.string().max(500).optional(),
  format: z
    .string()
    .transform((name) => (knownFormats.has(name) ? name : undefined))
    .optional(),
  default: z
    .string()
    .transform((text) => plainText(text, 2_000))
    .optional(),
});

const choiceField = z
  .object({
    type: z.literal('string'),
    ...words,
    enum: options,
    enumNames: z.array(z.string()).max(maxOptions).optional(),
    default: option.optional(),
  })
  .transform(({ enum: values, enumNames, ...field }) =>
    enumNames === undefined
      ? { ...field, enum: values }
      : {
          ...field,
          oneOf: values.map((value, index) => ({
            const: value,
            title: plainLine(enumNames[index] ?? value, optionLength),
          })),
        },
  );

const titledChoiceField = z.object({
  type: z.literal('string'),
  ...words,
  oneOf: titledOptions,
  default: option.optional(),
});

const numberField = z.object({
  type: z.enum(['number', 'integer']),
  ...words,
  ...noChoices,
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  default: z.number().optional(),
});

const yesNoField = z.object({ type: z.literal('boolean'), ...words, default: z.boolean().optional() });

const severalField = z.object({
  type: z.literal('array'),
  ...words,
  minItems: count,
  maxItems: count,
  items: z.union([
    z.object({ type: z.literal('string'), enum: options }),
    z.object({ anyOf: titledOptions }),
    z.object({ oneOf: titledOptions }),
  ]),
  default: z.array(option).max(maxOptions).optional(),
});

const fieldSchema = z.union([choiceField, titledChoiceField, textField, numberField, yesNoField, severalField]);

export type RequestedField = z.output<typeof fieldSchema>;

const requestedSchemaSchema = z.object({
  type: z.literal('object'),
  properties: z.record(
    z.string().refine((name) => name !== '' && isPlain(name, nameLength), 'a name cannot be shown'),
    fieldSchema,
  ),
  required: z.array(z.string()).max(maxFields).optional(),
});

export interface RequestedSchema {
  type: 'object';
  properties: Record<string, RequestedField>;
  required: string[];
}

/** `problem` is for the server's author. */
export function parseRequestedSchema(
  raw: unknown,
): { ok: true; schema: RequestedSchema } | { ok: false; problem: string } {
  const parsed = requestedSchemaSchema.safeParse(raw);
  if (!parsed.success)
    return { ok: false, problem: 'requestedSchema is no flat object of plain fields that can be shown to a person' };
  const { properties, required = [] } = parsed.data;
  const names = Object.keys(properties);
  if (names.length > maxFields) return { ok: false, problem: `requestedSchema has more than ${maxFields} fields` };
  // Left-out values are no members: the schema travels as JSON and is compared as such.
  const plain = JSON.parse(JSON.stringify(properties)) as typeof properties;
  return {
    ok: true,
    schema: { type: 'object', properties: plain, required: required.filter((name) => names.includes(name)) },
  };
}
