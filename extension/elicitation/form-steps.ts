// The fields of a server's question as steps that are asked one after the other, in a terminal or in quick inputs; pure.
import type { ElicitationContent } from '../../shared/contract/elicitation-messages.ts';
import { compileAnswerCheck } from '../../shared/elicitation/check-answer.ts';
import { parseRequestedSchema, type RequestedField } from '../../shared/elicitation/requested-schema.ts';
import { cleanBlock, cleanLine } from '../results/clean-text.ts';

export type StepKind = 'text' | 'number' | 'yesNo' | 'one' | 'several';
export type StepValue = ElicitationContent[string];

export interface Choice {
  readonly value: string;
  readonly title: string;
}

export interface FormStep {
  readonly name: string;
  readonly label: string;
  /** May be empty. */
  readonly about: string;
  readonly kind: StepKind;
  readonly isRequired: boolean;
  /** Of `one` and `several`. */
  readonly choices: readonly Choice[];
  /** The server's own suggestion. */
  readonly preset: StepValue | undefined;
}

export interface QuestionForm {
  readonly steps: readonly FormStep[];
  /** What is wrong with the field's value, beside what was entered before; undefined leaves the field out. */
  problem(step: FormStep, value: StepValue | undefined, before: ElicitationContent): string | undefined;
}

/** Undefined for a form that this version cannot show. */
export function questionForm(requestedSchema: unknown): QuestionForm | undefined {
  const parsed = parseRequestedSchema(requestedSchema);
  if (!parsed.ok) return undefined;
  const { properties, required } = parsed.schema;
  const check = compileAnswerCheck(parsed.schema);
  return {
    steps: Object.entries(properties).map(([name, field]) => stepOf(name, field, required.includes(name))),
    problem: ({ name, isRequired }, value, before) => {
      if (value === undefined) return isRequired ? 'This is required.' : undefined;
      return check({ ...before, [name]: value }).find(({ field }) => field === name)?.message;
    },
  };
}

/** What was typed, as the field's type wants it where that can be read; the check says what is wrong with the rest. */
export function valueOf(entered: string, { kind, choices }: FormStep): StepValue {
  switch (kind) {
    case 'text':
      return entered;
    case 'number': {
      const number = Number(entered);
      return entered.trim() !== '' && Number.isFinite(number) ? number : entered;
    }
    case 'yesNo':
      return /^y(es)?$/i.test(entered) ? true : /^no?$/i.test(entered) ? false : entered;
    case 'one':
      return chosen(entered, choices);
    case 'several':
      return entered.split(',').map((part) => chosen(part.trim(), choices));
  }
}

function stepOf(name: string, field: RequestedField, isRequired: boolean): FormStep {
  const choices = choicesOf(field);
  return {
    name,
    label: cleanLine(field.title ?? name),
    about: cleanBlock(field.description ?? ''),
    kind: kindOf(field, choices),
    isRequired,
    choices,
    preset: field.default,
  };
}

function kindOf({ type }: RequestedField, choices: readonly Choice[]): StepKind {
  if (type === 'array') return 'several';
  if (type === 'boolean') return 'yesNo';
  if (type === 'string') return choices.length > 0 ? 'one' : 'text';
  return 'number';
}

function choicesOf(field: RequestedField): Choice[] {
  if ('items' in field) return choicesIn(field.items);
  return field.type === 'string' ? choicesIn(field) : [];
}

/** The union of the places where the protocol has choices is told apart by which of these members there are. */
function choicesIn(place: object): Choice[] {
  const {
    enum: values,
    oneOf,
    anyOf,
  } = place as {
    enum?: readonly string[];
    oneOf?: readonly { const: string; title: string }[];
    anyOf?: readonly { const: string; title: string }[];
  };
  const titled = [...(oneOf ?? []), ...(anyOf ?? [])];
  return [
    ...(values ?? []).map((value) => ({ value, title: cleanLine(value) })),
    ...titled.map(({ const: value, title }) => ({ value, title: cleanLine(title) })),
  ];
}

/** By number, by value or by title. */
function chosen(entered: string, choices: readonly Choice[]): string {
  const byNumber = /^\d+$/.test(entered) ? choices[Number(entered) - 1] : undefined;
  const byName = choices.find(({ value, title }) => value === entered || title === entered);
  return (byName ?? byNumber)?.value ?? entered;
}
