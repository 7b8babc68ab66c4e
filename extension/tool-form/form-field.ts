// What a form is made of: fields as a discriminated union. It knows neither how they are drawn nor what was typed.
import type { JsonValue } from '../../shared/tool-schema/json-value.ts';

interface FieldFrame {
  /** Name of the property; empty for the whole, for the items of a list and for alternatives. */
  readonly name: string;
  readonly label: string;
  readonly description?: string;
  /** What is allowed, in words. */
  readonly limits?: string;
  readonly required: boolean;
  /** `null` is a value of its own here. */
  readonly nullable: boolean;
  /** Stands in the field at first. */
  readonly initial?: JsonValue;
  readonly examples?: readonly JsonValue[];
  readonly deprecated?: boolean;
  /** What is typed here is shown to nobody and not kept. */
  readonly secret?: boolean;
}

export interface TextField extends FieldFrame {
  readonly kind: 'text';
  /** `date`, `date-time`, `email`, `uri` … */
  readonly format?: string;
  /** Values worth offering; others are as good. */
  readonly suggestions?: readonly string[];
  readonly maxLength?: number;
}

export interface NumberField extends FieldFrame {
  readonly kind: 'number';
  readonly isInteger: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface BooleanField extends FieldFrame {
  readonly kind: 'boolean';
}

export interface ChoiceOption {
  readonly value: JsonValue;
  /** Differs from every other label of the field. */
  readonly label: string;
  readonly description?: string;
}

export interface ChoiceField extends FieldFrame {
  readonly kind: 'choice';
  readonly options: readonly ChoiceOption[];
}

/** One value and no other; it tells alternatives apart. */
export interface ConstantField extends FieldFrame {
  readonly kind: 'constant';
  readonly value: JsonValue;
}

export interface ListField extends FieldFrame {
  readonly kind: 'list';
  readonly item: Field;
  readonly maxItems?: number;
}

export interface GroupField extends FieldFrame {
  readonly kind: 'group';
  readonly fields: readonly Field[];
  /** Whether properties without a field are offered as JSON; those that are there are shown in any case. */
  readonly offersRest: boolean;
  /** Names of properties that are described, but have no field because there are too many. */
  readonly unlisted: readonly string[];
}

/** One of several kinds of value. */
export interface VariantField extends FieldFrame {
  readonly kind: 'variant';
  readonly alternatives: readonly Field[];
}

/** What no other field can express, written as JSON. */
export interface JsonField extends FieldFrame {
  readonly kind: 'json';
  readonly expects?: 'object' | 'array';
}

export type Field =
  | TextField
  | NumberField
  | BooleanField
  | ChoiceField
  | ConstantField
  | ListField
  | GroupField
  | VariantField
  | JsonField;

/** One input of its own, as opposed to fields that hold others. */
export type LeafField = TextField | NumberField | BooleanField | ChoiceField | ConstantField | JsonField;

/** The whole of a tool's arguments: always an object. */
export interface Form {
  readonly root: GroupField | VariantField | JsonField;
}
