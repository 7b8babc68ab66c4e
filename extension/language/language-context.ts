// What is known about the agent whose mcp.json is edited. Features take it as data: they never ask for it, and work without it.
import * as z from 'zod';
import { authStateSchema } from '../../shared/contract/auth-state.ts';
import { listedServerSchema } from '../../shared/contract/tool-messages.ts';

const profileFactsSchema = z.object({
  name: z.string(),
  scopes: z.array(z.string()),
  /** Where this profile's bearer may go: `https://host[:port]`. */
  allowedOrigins: z.array(z.string()),
});

const agentFactsSchema = z.object({
  name: z.string(),
  /** Of profile `workiq`. */
  tenantId: z.string().optional(),
  auth: authStateSchema.optional(),
  /** Undefined: not known. */
  profiles: z.array(profileFactsSchema).optional(),
  /** Names of the variables that `${NAME}` can stand for; never their values. Undefined: not known. */
  environment: z.array(z.string()).optional(),
  /** What may be changed of the file over the bus: `McpBridge__EditableOverBus`. Undefined: not known. */
  editing: z.string().optional(),
  /** As the agent last listed them. */
  servers: z.array(listedServerSchema),
});

/** Sent whole by the client to the language server whenever it changes. */
export const languageContextSchema = z.object({
  /** Undefined while no agent is heard: what needs one is not said. */
  agent: agentFactsSchema.optional(),
});

export type ProfileFacts = z.infer<typeof profileFactsSchema>;
export type LanguageContext = z.infer<typeof languageContextSchema>;
