// The messages of a question that an MCP server asks a person while it works (MCP elicitation).
import * as z from 'zod';
import { defineEvent, defineRequest } from './definition.ts';

export const elicitationAsked = defineEvent({
  type: 'ElicitationAsked',
  subject: (agent) => `elicitation.asked.${agent}`,
  payload: z.looseObject({
    elicitationId: z.string(),
    server: z.string(),
    /** The call that the server asks for, where that is known. */
    callId: z.string().optional(),
    /** Who made that call, as the caller names itself. */
    caller: z.string().optional(),
    /** The server's words, cleaned and bounded. */
    message: z.string(),
    /** JSON Schema of one flat object, cleaned and bounded; never a field for a credential. */
    requestedSchema: z.looseObject({}),
    expiresAt: z.string(),
  }),
  trust: 'tool-output',
});

export type ElicitationAsked = z.infer<typeof elicitationAsked.payload>;

/** How a question ended: by a person's answer, by its time, or with the call (`ended`, also when the server withdrew it). */
export const elicitationOutcomes = ['accepted', 'declined', 'cancelled', 'expired', 'ended'] as const;

export type ElicitationOutcome = (typeof elicitationOutcomes)[number];

export const elicitationClosed = defineEvent({
  type: 'ElicitationClosed',
  subject: (agent) => `elicitation.closed.${agent}`,
  payload: z.looseObject({ elicitationId: z.string(), outcome: z.enum(elicitationOutcomes).or(z.string()) }),
});

export const elicitationActions = ['accept', 'decline', 'cancel'] as const;

export type ElicitationAction = (typeof elicitationActions)[number];

export const elicitationContentSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
);

export type ElicitationContent = z.infer<typeof elicitationContentSchema>;

export const elicitationAnswer = defineRequest({
  type: 'ElicitationAnswered',
  subject: (agent) => `elicitation.answer.${agent}`,
  request: z.looseObject({
    elicitationId: z.string().min(1).max(64),
    action: z.enum(elicitationActions),
    /** With `accept` only. */
    content: elicitationContentSchema.optional(),
  }),
  /** The first answer counts; a later one is an error. */
  reply: z.looseObject({ elicitationId: z.string(), accepted: z.literal(true) }),
  trust: 'tool-request',
});
