// Where a field stands while a form is made from a schema, and what is made on the way.
import type { Field } from './form-field.ts';
import type { SchemaNode, ToolSchema } from '../../shared/tool-schema/tool-schema.ts';

export interface FieldPlace {
  readonly name: string;
  readonly required: boolean;
  readonly depth: number;
  /** References that lead here; meeting one again means a schema inside itself. */
  readonly within: readonly string[];
  /** Stands for the name where there is none, as for the items of a list. */
  readonly label?: string;
}

export interface FormBuilder {
  readonly root: ToolSchema;
  /** How many more fields the form may have. */
  fieldsLeft: number;
  fieldOf(node: SchemaNode, place: FieldPlace): Field;
}
