// Signs webhook messages so that a receiver can tell ours from others'. Source: the Standard Webhooks specification 1.0.0
// (symmetric signatures, `v1`).
import { createHmac } from 'node:crypto';
import { Secret } from '../../shared/secret.ts';

export interface SignedMessage {
  /** The same for every delivery of one message. */
  id: string;
  /** Seconds since the epoch, of this delivery. */
  timestamp: number;
  body: string;
}

/** `secret`: base64 of the key's bytes. */
export function webhookHeaders({ id, timestamp, body }: SignedMessage, secret: Secret): Record<string, string> {
  const signature = createHmac('sha256', Buffer.from(secret.reveal(), 'base64'))
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': `${timestamp}`, 'webhook-signature': `v1,${signature}` };
}

/** `whsec_` and base64 of 24 to 64 bytes, or the base64 alone; undefined for anything else. */
export function parseWebhookSecret(text: string): Secret | undefined {
  const encoded = text.trim().replace(/^whsec_/, '');
  if (!/^[A-Za-z0-9+/]{32,}={0,2}$/.test(encoded)) return undefined;
  const { length } = Buffer.from(encoded, 'base64');
  return length >= 24 && length <= 64 ? new Secret(encoded) : undefined;
}
