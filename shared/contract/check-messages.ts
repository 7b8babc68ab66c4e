// The messages of looking the agent over: what it finds about itself, and on request what only a refresh or a call can tell.
import * as z from 'zod';
import { defineRequest } from './definition.ts';

/** `note` is no fault; `skipped` was not looked at, and `what` says why. */
export const findingSeverities = ['ok', 'note', 'warning', 'failed', 'skipped'] as const;

export type FindingSeverity = (typeof findingSeverities)[number];

/** Whose turn it is: something does not answer, a sign-in or a right is missing, a setting or file is wrong, anything else. */
export const findingFaults = ['unreachable', 'permission', 'configuration', 'other'] as const;

export type FindingFault = (typeof findingFaults)[number];

export const findingSchema = z.looseObject({
  /** Stable; docs/doctor.md has each of them. */
  id: z.string(),
  /** For people. */
  name: z.string(),
  /** Which one, where there are several: a server. */
  of: z.string().optional(),
  severity: z.enum(findingSeverities).catch('note'),
  /** What was found, in plain words. */
  what: z.string(),
  /** Why it matters. */
  why: z.string(),
  /** What to do next. */
  action: z.string().optional(),
  /** Of what has failed. */
  fault: z.enum(findingFaults).optional().catch('other'),
});

export type Finding = z.infer<typeof findingSchema>;

const checked = z.looseObject({
  agent: z.string(),
  /** As in its heartbeats. */
  instance: z.string(),
  version: z.string(),
  /** The agent's time when it answered, ISO 8601. */
  clock: z.string(),
  findings: z.array(findingSchema),
});

/** For everybody who may look: it asks Entra and the servers, spends nothing and changes nothing. */
export const agentLook = defineRequest({
  type: 'AgentLookRequested',
  subject: (agent) => `agent.look.${agent}`,
  request: z.looseObject({}),
  reply: checked,
  replyTrust: 'tool-output',
});

/** For those who may also call tools: the same, and what has a price. */
export const agentCheck = defineRequest({
  type: 'AgentCheckRequested',
  subject: (agent) => `agent.check.${agent}`,
  request: z.looseObject({
    /** Have Entra issue a new token now. */
    refresh: z.boolean().optional(),
    /** Make one harmless call to each Work IQ server, which Microsoft may bill. */
    probe: z.boolean().optional(),
  }),
  reply: checked,
  replyTrust: 'tool-output',
});
