// Asks the person at the keyboard what an MCP server wants to know, field by field. Declining is the default. It sends nothing.
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { ElicitationAsked, ElicitationContent } from '../../shared/contract/elicitation-messages.ts';
import { questionForm, valueOf, type FormStep, type QuestionForm, type StepValue } from '../elicitation/form-steps.ts';
import { cleanBlock, cleanLine } from '../results/clean-text.ts';
import type { Colors } from './render/view.ts';

export type TerminalAnswer =
  | { action: 'accept'; content: ElicitationContent }
  | { action: 'decline' }
  /** The input ended, or Ctrl-D. */
  | { action: 'cancel' };

export interface AskInTerminalOptions {
  stdin: NodeJS.ReadableStream;
  stderr: NodeJS.WritableStream;
  colors: Colors;
  /** Aborts when the question is over. */
  signal: AbortSignal;
  onInterrupt: () => void;
}

interface Dialogue {
  ask: (text: string) => Promise<string>;
  say: (text: string) => void;
  colors: Colors;
}

class InputEnded extends Error {}

/** Undefined when the question cannot be shown here or was over before it was answered. */
export async function askInTerminal(
  question: ElicitationAsked,
  { stdin, stderr, colors, signal, onInterrupt }: AskInTerminalOptions,
): Promise<TerminalAnswer | undefined> {
  const form = questionForm(question.requestedSchema);
  if (form === undefined || signal.aborted) return undefined;
  const terminal = createInterface({ input: stdin, output: stderr });
  terminal.on('SIGINT', onInterrupt);
  const closed = once(terminal, 'close').then(() => undefined);
  const ask = async (text: string): Promise<string> => {
    const answer = await Promise.race([terminal.question(text, { signal }), closed]);
    if (answer === undefined) throw new InputEnded();
    return answer.trim();
  };
  const say = (text: string): void => void stderr.write(`${text}\n`);
  try {
    say(`${colors.bold(`${cleanLine(question.server)} asks:`)} ${cleanBlock(question.message)}`);
    if (form.steps.length > 0) say(colors.dim(`It wants to know: ${form.steps.map(({ label }) => label).join(', ')}`));
    if (!/^y(es)?$/i.test(await ask('Answer it? [y/N] '))) return { action: 'decline' };
    return { action: 'accept', content: await fillIn(form, { ask, say, colors }) };
  } catch (error) {
    if (signal.aborted) return undefined;
    if (error instanceof InputEnded) return { action: 'cancel' };
    throw error;
  } finally {
    terminal.close();
  }
}

async function fillIn(form: QuestionForm, dialogue: Dialogue): Promise<ElicitationContent> {
  let content: ElicitationContent = {};
  for (const step of form.steps) {
    for (;;) {
      const value = await askStep(step, dialogue);
      const problem = form.problem(step, value, content);
      if (problem !== undefined) {
        dialogue.say(dialogue.colors.yellow(problem));
        continue;
      }
      if (value !== undefined) content = { ...content, [step.name]: value };
      break;
    }
  }
  return content;
}

const forms: Readonly<Partial<Record<FormStep['kind'], string>>> = { yesNo: 'y/n', several: 'numbers, with commas' };

/** Undefined for a field that is left out. */
async function askStep(step: FormStep, { ask, say, colors }: Dialogue): Promise<StepValue | undefined> {
  const { label, about, choices, kind, isRequired, preset } = step;
  if (about !== '') say(colors.dim(about));
  choices.forEach(({ title }, index) => {
    say(`  ${index + 1}) ${title}`);
  });
  const byDefault = preset === undefined ? (isRequired ? '' : 'empty: leave out') : cleanLine(String(preset));
  const notes = [forms[kind] ?? '', byDefault].filter(Boolean).join('; ');
  const entered = await ask(`${label}${notes === '' ? '' : ` [${notes}]`}: `);
  return entered === '' ? preset : valueOf(entered, step);
}
