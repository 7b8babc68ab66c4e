// The questions of servers in one window: which window asks, what became of each, and the one answer it gets. It knows no vscode.
import type { EventOf, ReplyOf, RequestInputOf } from '../../shared/contract/contract.ts';
import type { ElicitationAsked, ElicitationContent } from '../../shared/contract/elicitation-messages.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import { problemOf } from '../connection/problem.ts';
import { cleanLine } from '../results/clean-text.ts';

export interface QuestionPorts {
  /** True for the one window that asks. */
  claim(elicitationId: string): Promise<boolean>;
  /** True for a call that this window made. */
  isOwnCall(callId: string): boolean;
  /** Undefined when the person sent it away without a choice. */
  notify(question: ElicitationAsked): Promise<'answer' | 'decline' | undefined>;
  /** Undefined when the person closed the form, or the signal closed it. */
  fill(question: ElicitationAsked, signal: AbortSignal): Promise<ElicitationContent | undefined>;
  answer(answer: RequestInputOf<'elicitationAnswer'>): Promise<ReplyOf<'elicitationAnswer'>>;
  /** A word that needs no answer. */
  tell(text: string): void;
  wait(ms: number): Promise<void>;
}

export interface QuestionDesk {
  asked(question: ElicitationAsked): Promise<void>;
  closed(event: EventOf<'elicitationClosed'>): void;
}

/** Milliseconds that the window that made the call is ahead of the others. */
const othersWaitMs = 400;

export function createQuestionDesk(ports: QuestionPorts): QuestionDesk {
  const open = new Map<string, AbortController>();
  // A second form would take the place of the first.
  const forms = new SerialQueue();

  async function ask(question: ElicitationAsked, signal: AbortSignal): Promise<void> {
    const { elicitationId, callId } = question;
    if (callId === undefined || !ports.isOwnCall(callId)) await ports.wait(othersWaitMs);
    if (signal.aborted || !(await ports.claim(elicitationId))) return;
    const isOver = (): boolean => {
      if (signal.aborted) ports.tell(overText(question, signal.reason as string));
      return signal.aborted;
    };
    const told = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    // VS Code cannot take a notification back: the word about its end is said when the end comes.
    const choice = await Promise.race([ports.notify(question), told]);
    if (isOver()) return;
    const content =
      choice === 'answer'
        ? await forms.run(async () => (signal.aborted ? undefined : ports.fill(question, signal)))
        : undefined;
    if (isOver()) return;
    const action = content !== undefined ? 'accept' : choice === 'decline' ? 'decline' : 'cancel';
    open.delete(elicitationId);
    await ports.answer({ elicitationId, action, ...(content !== undefined && { content }) });
  }

  return {
    async asked(question) {
      const { elicitationId } = question;
      if (open.has(elicitationId)) return;
      const controller = new AbortController();
      open.set(elicitationId, controller);
      try {
        await ask(question, controller.signal);
      } catch (error) {
        ports.tell(`The answer to ${cleanLine(question.server)} was not taken: ${problemOf(error).message}`);
      } finally {
        open.delete(elicitationId);
      }
    },
    closed({ elicitationId, outcome }) {
      open.get(elicitationId)?.abort(outcome);
    },
  };
}

function overText({ server }: ElicitationAsked, outcome: string): string {
  const name = cleanLine(server);
  if (outcome === 'expired') return `The time for the question of ${name} is over; it was declined.`;
  return outcome === 'ended' ? `${name} needs no answer any more.` : `The question of ${name} was answered elsewhere.`;
}
