// What an operator's own alerting may be told, and how it is written; it holds no token and no result.
import { redactValue } from '../../shared/redaction.ts';

/** Everything that is ever sent; docs/notices.md has an example of each. */
export type WebhookType =
  | 'auth.sign_in_needed'
  | 'auth.restored'
  | 'auth.degraded'
  | 'auth.ending_soon'
  | 'patrol.blind'
  | 'patrol.failed'
  | 'patrol.recovered';

export interface WebhookNotice {
  type: WebhookType;
  /** The same for the same thing, also after a restart: `{episode}.{what}`. */
  id: string;
  /** Notices of one lane arrive in their order, whatever becomes of those of others. */
  lane: string;
  /** When it happened, ISO 8601. */
  at: string;
  /** One or two sentences for a person. */
  text: string;
  /** Members beside the agent's name; plain data. */
  data: Readonly<Record<string, unknown>>;
  /** Begins an episode, which only one notice can until another one ends it. */
  opens?: string | undefined;
  /** Ends an episode; nothing is sent when it has not begun. */
  closes?: string | undefined;
}

/** The JSON text that is sent, byte for byte the same at every try. */
export function webhookBody({ type, at, text, data }: WebhookNotice, agent: string): string {
  return JSON.stringify({ type, timestamp: at, data: redactValue({ agent, text, ...data }) });
}
