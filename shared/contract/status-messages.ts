// The agent's heartbeat.
import * as z from 'zod';
import { authStateSchema } from './auth-state.ts';
import { defineEvent } from './definition.ts';

export const agentStatus = defineEvent({
  type: 'AgentStatus',
  subject: (agent) => `agent.status.${agent}`,
  payload: z.looseObject({
    /** New with every start of the agent. */
    instance: z.string(),
    version: z.string(),
    startedAt: z.string(),
    auth: authStateSchema,
    servers: z.array(z.looseObject({ name: z.string(), state: z.string(), tools: z.number() })),
    /** True in the last heartbeat before an orderly stop. */
    stopping: z.boolean().optional(),
  }),
});

export type AgentStatus = z.infer<typeof agentStatus.payload>;

/** Milliseconds between heartbeats. */
export const heartbeatIntervalMs = 10_000;
