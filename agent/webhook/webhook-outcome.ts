// What can become of a delivery to the webhook; metrics count by it.

/** `failed`: a try that is repeated; `given_up`: after a day, or because the receiver said so; `dropped`: too many waited. */
export const webhookOutcomes = ['ok', 'failed', 'given_up', 'dropped'] as const;

export type WebhookOutcome = (typeof webhookOutcomes)[number];
