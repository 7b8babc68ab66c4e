// Holds a person's answer against the form that was asked.
import { compileCheck } from '../tool-schema/check-arguments.ts';
import { partsOf } from '../tool-schema/field-path.ts';
import { parseSchema } from '../tool-schema/parse-schema.ts';
import type { ElicitationContent } from '../contract/elicitation-messages.ts';

export interface AnswerProblem {
  field: string;
  /** A sentence. */
  message: string;
}

/** `schema`: of the question, as the agent told it. */
export function compileAnswerCheck(schema: unknown): (content: ElicitationContent) => readonly AnswerProblem[] {
  const check = compileCheck({ ...parseSchema(schema), additionalProperties: false });
  return (content) => check(content).map(({ pointer, message }) => ({ field: partsOf(pointer)[0] ?? '', message }));
}
