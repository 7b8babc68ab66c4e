// Fields with a closed set of values: `enum`, `const`, and `oneOf`/`anyOf` of constants with titles.
import { cleanLine } from '../results/clean-text.ts';
import type { Frame } from './field-frame.ts';
import type { ChoiceField, ChoiceOption, ConstantField } from './form-field.ts';
import { isJsonArray, isJsonObject, type JsonValue } from '../../shared/tool-schema/json-value.ts';
import type { SchemaNode, ToolSchema } from '../../shared/tool-schema/tool-schema.ts';

const maxLabel = 200;

/** Undefined when the set of values is not closed. */
export function choiceField(schema: ToolSchema, frame: Frame): ChoiceField | ConstantField | undefined {
  const { const: constant, enum: values, oneOf, anyOf } = schema;
  const all =
    constant !== undefined ? [optionOf(constant)] : (values?.map(optionOf) ?? titledConstants(oneOf ?? anyOf));
  if (all === undefined) return undefined;
  const options = all.filter(({ value }) => value !== null);
  const nullable = frame.nullable || options.length < all.length;
  const [only] = options;
  if (only === undefined) return { ...frame, nullable, kind: 'constant', value: null };
  if (options.length === 1 && frame.required && !nullable) return { ...frame, kind: 'constant', value: only.value };
  return { ...frame, nullable, kind: 'choice', options: withDistinctLabels(options) };
}

function titledConstants(nodes: readonly SchemaNode[] | undefined): readonly ChoiceOption[] | undefined {
  if (nodes === undefined) return undefined;
  const options = nodes.map(titledConstant);
  return options.every((option) => option !== undefined) && options.some(({ value }) => value !== null)
    ? options
    : undefined;
}

function titledConstant(node: SchemaNode): ChoiceOption | undefined {
  if (typeof node === 'boolean') return undefined;
  const { type, title, description, enum: values } = node;
  const isNull = type?.length === 1 && type[0] === 'null';
  const value = isNull ? null : (node.const ?? (values?.length === 1 ? values[0] : undefined));
  if (value === undefined) return undefined;
  const option = optionOf(value);
  return {
    ...option,
    ...(title !== undefined && { label: cleanLine(title).slice(0, maxLabel) || option.label }),
    ...(description !== undefined && { description: cleanLine(description).slice(0, maxLabel) }),
  };
}

function optionOf(value: JsonValue): ChoiceOption {
  const text = isJsonObject(value) || isJsonArray(value) ? JSON.stringify(value) : String(value);
  return { value, label: cleanLine(text.slice(0, 4 * maxLabel)).slice(0, maxLabel) || '(empty)' };
}

/** The same label twice would hide a choice, as 1 and "1" do. */
function withDistinctLabels(options: readonly ChoiceOption[]): readonly ChoiceOption[] {
  const taken = new Set<string>();
  return options.map((option, index) => {
    let { label } = option;
    if (taken.has(label) && typeof option.value === 'string') label = `"${label}"`;
    if (taken.has(label)) label = `${label} (${index + 1})`;
    taken.add(label);
    return { ...option, label };
  });
}
