// The text that a patrol says of its run; a line that would need what was not seen says so instead (promise P12).
import type { StepOutcome } from '../contract/patrol-messages.ts';
import type { FunctionContext } from './expression-functions.ts';
import { ExpressionProblem } from './expression-time.ts';
import { fillIn } from './patrol-value.ts';
import type { OutputLine } from './patrol.ts';
import { dataFor, type RunData } from './step-value.ts';
import { unseenSteps } from './unseen-steps.ts';

const maxLength = 64_000;

export interface RenderedOutput {
  text: string;
  /** Lines that could not be filled in, in plain words. */
  problems: string[];
}

export async function renderOutput({
  lines,
  data,
  context,
  outcomes,
  pause,
}: {
  lines: readonly OutputLine[];
  data: RunData;
  context: FunctionContext;
  /** By id; a step that is missing was not run. */
  outcomes: Readonly<Record<string, StepOutcome>>;
  /** Lets others have their turn between lines; what it rejects with ends the output. */
  pause?: () => Promise<void>;
}): Promise<RenderedOutput> {
  const problems: string[] = [];
  const renderLine = ({ text, reads }: OutputLine, index: number): string => {
    const unseen = unseenSteps(reads, outcomes);
    if (unseen.length > 0) return `(not seen: ${unseen.join(', ')})`;
    try {
      const line = fillIn(text, dataFor(data), context);
      return typeof line === 'string' ? line : JSON.stringify(line);
    } catch (error) {
      if (!(error instanceof ExpressionProblem)) throw error;
      problems.push(`line ${index + 1}: ${error.message}`);
      return '(could not be filled in)';
    }
  };
  const rendered: string[] = [];
  for (const [index, line] of lines.entries()) {
    await pause?.();
    rendered.push(renderLine(line, index));
  }
  const text = rendered.join('\n');
  if (text.length <= maxLength) return { text, problems };
  problems.push(`the output is longer than ${maxLength} characters and was cut`);
  return { text: text.slice(0, maxLength).toWellFormed(), problems };
}
