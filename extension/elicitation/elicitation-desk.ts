// The questions of servers in one window: which window asks, what became of each, and the one answer it gets. It knows no vscode.
import type { Clock } from '../../shared/clock.ts';
import type { EventOf, ReplyOf, RequestInputOf } from '../../shared/contract/contract.ts';
import type { ElicitationAsked, ElicitationContent } from '../../shared/contract/elicitation-messages.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import { problemOf } from '../connection/problem.ts';
import { cleanLine } from '../results/clean-text.ts';

export interface ElicitationPorts {
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
  clock: Clock;
}

export interface ElicitationDesk {
  asked(question: ElicitationAsked): Promise<void>;
  closed(event: EventOf<'elicitationClosed'>): void;
  /** The bus that they came over is left: nobody there hears an answer of this window any more. */
  endAll(): void;
}

/** Milliseconds that the window that made the call is ahead of the others. */
const othersWaitMs = 400;
/**
 * Milliseconds that a question stays open at least. The agent tells when its time is over; without that word `expiresAt` ends it,
 * by a clock of this machine that may be ahead of the agent's.
 */
const shortestMs = 30_000;

export function createElicitationDesk(ports: ElicitationPorts): ElicitationDesk {
  const { clock } = ports;
  const open = new Map<string, AbortController>();
  // A second form would take the place of the first.
  const forms = new SerialQueue();

  async function ask(question: ElicitationAsked, signal: AbortSignal): Promise<void> {
    const { elicitationId, callId } = question;
    const isOwn = callId !== undefined && ports.isOwnCall(callId);
    if (!isOwn) await clock.sleep(othersWaitMs, signal).catch(() => undefined);
    if (signal.aborted || !(await ports.claim(elicitationId))) return;
    // It may be over since, and nobody has seen it.
    if (signal.aborted) return;
    /** True when it is over, which is said then. */
    const toldIfOver = (): boolean => {
      if (signal.aborted) ports.tell(overText(question, signal.reason as string));
      return signal.aborted;
    };
    const told = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    const choosing = ports.notify(question);
    const choice = await Promise.race([choosing, told]);
    if (toldIfOver()) {
      // VS Code cannot take a notification back: who presses it now learns why nothing comes of it.
      choosing.then((late) => late !== undefined && toldIfOver()).catch(() => undefined);
      return;
    }
    const content =
      choice === 'answer'
        ? await forms.run(async () => (signal.aborted ? undefined : ports.fill(question, signal)))
        : undefined;
    if (toldIfOver()) return;
    const action = content !== undefined ? 'accept' : choice === 'decline' ? 'decline' : 'cancel';
    open.delete(elicitationId);
    await ports.answer({ elicitationId, action, ...(content !== undefined && { content }) });
  }

  function leftMs({ expiresAt }: ElicitationAsked): number {
    return Math.max((Date.parse(expiresAt) || 0) - clock.now(), shortestMs);
  }

  return {
    async asked(question) {
      const { elicitationId } = question;
      if (open.has(elicitationId)) return;
      const controller = new AbortController();
      const asking = new AbortController();
      open.set(elicitationId, controller);
      clock.sleep(leftMs(question), asking.signal).then(
        () => controller.abort('expired'),
        () => undefined,
      );
      try {
        await ask(question, controller.signal);
      } catch (error) {
        ports.tell(`The answer to ${cleanLine(question.server)} was not taken: ${problemOf(error).message}`);
      } finally {
        asking.abort();
        open.delete(elicitationId);
      }
    },
    closed({ elicitationId, outcome }) {
      open.get(elicitationId)?.abort(outcome);
    },
    endAll() {
      for (const controller of open.values()) controller.abort('left');
    },
  };
}

function overText({ server }: ElicitationAsked, outcome: string): string {
  const name = cleanLine(server);
  if (outcome === 'left') return `The question of ${name} is not asked here any more: its bus was left.`;
  if (outcome === 'expired') return `The time for the question of ${name} is over; it was declined.`;
  return outcome === 'ended' ? `${name} needs no answer any more.` : `The question of ${name} was answered elsewhere.`;
}
