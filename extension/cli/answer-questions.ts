// Answers the questions of a server about one call, while that call runs: in the terminal where there is one, otherwise it says
// that somebody else has to.
import type { ElicitationAsked } from '../../shared/contract/elicitation-messages.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import type { Bus } from '../bus.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { cleanLine } from '../results/clean-text.ts';
import { askInTerminal } from './ask-in-terminal.ts';
import type { CliContext } from './cli-context.ts';

export interface AnswerQuestionsOptions {
  connection: Bus;
  callId: string;
  context: Pick<CliContext, 'output' | 'stdin'>;
  /** What else is drawn makes room. */
  onAsking: () => void;
  /** The call goes on. */
  onAsked: () => void;
}

const endings: Readonly<Record<string, string>> = {
  expired: 'The time for this question is over.',
  ended: 'The call has ended.',
};

/** Returns a function that ends it. */
export function answerQuestions({
  connection,
  callId,
  context,
  onAsking,
  onAsked,
}: AnswerQuestionsOptions): () => void {
  const { output, stdin } = context;
  const queue = new SerialQueue();
  const open = new Map<string, AbortController>();
  let isEnded = false;
  const close = (elicitationId: string, reason: string): void => {
    open.get(elicitationId)?.abort(reason);
    open.delete(elicitationId);
  };
  const answer = async (question: ElicitationAsked, { signal }: AbortController): Promise<void> => {
    if (signal.aborted) return;
    onAsking();
    try {
      const options = { stdin, stderr: process.stderr, colors: output.noteColors, signal };
      const onInterrupt = (): void => void process.kill(process.pid, 'SIGINT');
      const given = await askInTerminal(question, { ...options, onInterrupt });
      if (given === undefined) {
        output.note(
          `\n${output.noteColors.yellow(signal.aborted ? String(signal.reason) : 'It cannot be shown here.')}`,
        );
        return;
      }
      const { elicitationId } = question;
      open.delete(elicitationId);
      await connection.request('elicitationAnswer', { elicitationId, ...given });
    } catch (error) {
      output.note(output.noteColors.yellow(error instanceof RockBotError ? cleanLine(error.message) : String(error)));
    } finally {
      if (!isEnded) onAsked();
    }
  };
  const endAsked = connection.subscribe('elicitationAsked', (question) => {
    if (question.callId !== callId) return;
    if (!output.isPerson || !stdin.isTTY) {
      output.note(
        `${cleanLine(question.server)} asks: ${cleanLine(question.message)} (It can be answered in VS Code.)`,
      );
      return;
    }
    const controller = new AbortController();
    open.set(question.elicitationId, controller);
    void queue.run(() => answer(question, controller));
  });
  const endClosed = connection.subscribe('elicitationClosed', ({ elicitationId, outcome }) => {
    close(elicitationId, endings[outcome] ?? 'It was answered elsewhere.');
  });
  return () => {
    isEnded = true;
    endAsked();
    endClosed();
    for (const elicitationId of open.keys()) close(elicitationId, 'The call has ended.');
  };
}
