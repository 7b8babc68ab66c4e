// Tells a person what an MCP server wants to know and takes the answer: in one window of all, whichever has the call or comes
// first.
import { systemClock } from '../../shared/clock.ts';
import type { ConnectionSession, ConnectionSessionOptions } from '../connection/connection-session.ts';
import { claimOnce } from '../connection/claim-once.ts';
import { createElicitationDesk } from '../elicitation/elicitation-desk.ts';
import { loadedPart } from '../loaded-part.ts';
import { cleanLine } from '../results/clean-text.ts';
import { showBriefly, showInfo } from './messages.ts';

export interface QuestionsOptions {
  /** Shared by all windows on this machine. */
  folder: string;
  session: () => Pick<ConnectionSession, 'request'>;
  /** True for a call that this window made. */
  isOwnCall: (callId: string) => boolean;
}

const longestMessage = 300;
/** Forms and the check of answers; most windows are never asked anything. */
const loadForm = () => loadedPart(import('./question-form.ts'));

export type Questions = Required<
  Pick<ConnectionSessionOptions, 'onElicitationAsked' | 'onElicitationClosed' | 'onBusLeft'>
>;

export function createQuestions({ folder, session, isOwnCall }: QuestionsOptions): Questions {
  const decline = 'Decline';
  const desk = createElicitationDesk({
    claim: (elicitationId) => claimOnce(folder, elicitationId),
    isOwnCall,
    async notify({ server, message, requestedSchema }) {
      const { hasNoFields } = await loadForm();
      const answer = hasNoFields(requestedSchema) ? 'Accept' : 'Answer…';
      const words = cleanLine(message).slice(0, longestMessage);
      const chosen = await showInfo(`${cleanLine(server)} asks: ${words}`, answer, decline);
      return chosen === answer ? 'answer' : chosen === decline ? 'decline' : undefined;
    },
    fill: async (question, signal) => (await loadForm()).fillQuestion(question, signal),
    answer: (given) => session().request('elicitationAnswer', given),
    tell: (text) => showBriefly(text, 'info'),
    clock: systemClock,
  });
  return {
    onElicitationAsked: (question) => void desk.asked(question),
    onElicitationClosed: (event) => desk.closed(event),
    onBusLeft: () => desk.endAll(),
  };
}
