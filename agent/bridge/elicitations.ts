// The questions of MCP servers that wait for a person's answer: bounded in number and time, each answered once. It knows no bus
// and no MCP.
import type {
  ElicitationAction,
  ElicitationAsked,
  ElicitationContent,
  ElicitationOutcome,
} from '../../shared/contract/elicitation-messages.ts';
import type { Clock } from '../../shared/clock.ts';
import { compileAnswerCheck } from '../../shared/elicitation/check-answer.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Logger } from '../logger.ts';
import type { Belonging } from './calls-in-flight.ts';
import type { Question } from './elicitation-request.ts';

export interface ElicitationsOptions {
  /** Longest that a question waits, in milliseconds. */
  askMs?: number;
  clock: Clock;
  logger: Logger;
  onAsked: (question: ElicitationAsked) => void;
  onClosed: (elicitationId: string, outcome: ElicitationOutcome) => void;
}

export interface Answer {
  action: ElicitationAction;
  content?: ElicitationContent;
}

interface Open {
  server: string;
  check: ReturnType<typeof compileAnswerCheck>;
  end: (outcome: ElicitationOutcome, answer: Answer) => void;
}

const defaultAskMs = 60_000;
/** Milliseconds that are left for the call after its question; less time than that for a person is none. */
const graceMs = 2_000;
const shortestMs = 500;
const maxOpenPerServer = 4;
/** A server may ask so often in a minute; one that asks for ever is answered for everybody. */
const maxPerMinute = 10;
const maxRemembered = 200;

export class Elicitations {
  readonly #options: ElicitationsOptions;
  readonly #open = new Map<string, Open>();
  /** How the last ones ended, by id. */
  readonly #ended = new Map<string, ElicitationOutcome>();
  /** When each server asked in the last minute. */
  readonly #asked = new Map<string, number[]>();

  constructor(options: ElicitationsOptions) {
    this.#options = options;
  }

  /**
   * Resolves with a person's answer. Without one in time it is `decline`: nobody is there, and the protocol lets a server that
   * hears `cancel` ask again later, which would never end here. `cancel` is for a person who closed the question and for a call
   * that has ended. A question that cannot be asked is declined.
   */
  ask(
    server: string,
    { message, schema }: Question,
    { origin, deadline, ended }: Belonging,
    withdrawn: AbortSignal,
  ): Promise<Answer> {
    const { askMs = defaultAskMs, clock, logger, onAsked, onClosed } = this.#options;
    const now = clock.now();
    const leftMs = deadline === undefined ? askMs : Math.min(askMs, timeForPerson(deadline - now));
    const refusal = leftMs < shortestMs ? 'the call has no time left for it' : this.#tooMany(server, now);
    if (refusal !== undefined) {
      logger.warn('A question of a server was declined without asking anybody.', { server, why: refusal });
      return Promise.resolve({ action: 'decline' });
    }
    const elicitationId = crypto.randomUUID();
    let check: Open['check'];
    try {
      check = compileAnswerCheck(schema);
    } catch (error) {
      logger.warn('A question of a server cannot be asked; it was declined.', { server, error });
      return Promise.resolve({ action: 'decline' });
    }
    const waiting = new AbortController();
    return new Promise((resolve) => {
      const end: Open['end'] = (outcome, answer) => {
        if (!this.#open.delete(elicitationId)) return;
        waiting.abort();
        for (const signal of [ended, withdrawn]) signal?.removeEventListener('abort', onEnded);
        this.#remember(elicitationId, outcome);
        onClosed(elicitationId, outcome);
        logger.info('A question of a server was closed.', { server, elicitationId, outcome });
        resolve(answer);
      };
      const onEnded = (): void => {
        end('ended', { action: 'cancel' });
      };
      clock.sleep(leftMs, waiting.signal).then(
        () => {
          end('expired', { action: 'decline' });
        },
        () => undefined,
      );
      this.#open.set(elicitationId, { server, check, end });
      logger.info('A server asks a person.', { server, elicitationId, callId: origin?.callId });
      try {
        onAsked({
          elicitationId,
          server,
          ...(origin !== undefined && { callId: origin.callId }),
          ...(origin?.caller !== undefined && { caller: origin.caller }),
          message,
          requestedSchema: { ...schema },
          expiresAt: new Date(now + leftMs).toISOString(),
        });
      } catch (error) {
        logger.error('A question of a server could not be told to anybody.', { server, elicitationId, error });
        end('expired', { action: 'decline' });
        return;
      }
      for (const signal of [ended, withdrawn]) {
        if (signal?.aborted === true) onEnded();
        else signal?.addEventListener('abort', onEnded, { once: true });
      }
    });
  }

  /** Which server asked; undefined when no such question is open. */
  serverOf(elicitationId: string): string | undefined {
    return this.#open.get(elicitationId)?.server;
  }

  /** Throws RockBotError `invalid_request` for one that is not open, `invalid_arguments` for content that does not fit it. */
  answer(elicitationId: string, { action, content = {} }: Answer): void {
    const open = this.#open.get(elicitationId);
    if (open === undefined) throw this.#notOpen(elicitationId);
    if (action !== 'accept') {
      open.end(action === 'decline' ? 'declined' : 'cancelled', { action });
      return;
    }
    const problems = open.check(content).map(({ field, message }) => (field === '' ? message : `${field}: ${message}`));
    if (problems.length > 0)
      throw new RockBotError({
        code: 'invalid_arguments',
        message: `The answer does not fit the question. ${problems.join(' ')}`,
        action: 'Correct it and answer again; the question is still open.',
        problems,
      });
    open.end('accepted', { action, content });
  }

  /** Ends all of them, as when the agent stops. */
  close(): void {
    for (const { end } of this.#open.values()) end('ended', { action: 'cancel' });
  }

  #notOpen(elicitationId: string): RockBotError {
    const outcome = this.#ended.get(elicitationId);
    return new RockBotError({
      code: 'invalid_request',
      message:
        outcome === undefined
          ? 'There is no such question.'
          : outcome === 'expired' || outcome === 'ended'
            ? 'The time for this question is over.'
            : 'This question was answered already.',
      action: 'Nothing is left to do; the server asks again if it needs to.',
    });
  }

  #tooMany(server: string, now: number): string | undefined {
    const open = [...this.#open.values()].filter((other) => other.server === server).length;
    if (open >= maxOpenPerServer) return `${maxOpenPerServer} of its questions are open already`;
    const recent = (this.#asked.get(server) ?? []).filter((at) => now - at < 60_000);
    this.#asked.set(server, recent);
    if (recent.length >= maxPerMinute) return `it asked ${maxPerMinute} times in a minute`;
    recent.push(now);
    return undefined;
  }

  #remember(elicitationId: string, outcome: ElicitationOutcome): void {
    this.#ended.set(elicitationId, outcome);
    if (this.#ended.size <= maxRemembered) return;
    const [oldest] = this.#ended.keys();
    if (oldest !== undefined) this.#ended.delete(oldest);
  }
}

/** The server needs some of the call's time to go on without an answer. */
function timeForPerson(leftMs: number): number {
  return leftMs - Math.min(graceMs, leftMs / 5);
}
