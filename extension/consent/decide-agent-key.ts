// Decides whether the key an agent shows is the one to seal to (trust on first use); pure, it neither asks nor stores.

export type AgentKeyDecision =
  | { kind: 'known' }
  /** Seen for the first time: remember it and say so. */
  | { kind: 'first' }
  /** Another key than last time: a person has to decide, wherever the bus is. */
  | { kind: 'changed' };

export function decideAgentKey(options: {
  /** Fingerprint remembered from an earlier hand-off. */
  known: string | undefined;
  offered: string;
}): AgentKeyDecision {
  const { known, offered } = options;
  if (known === undefined) return { kind: 'first' };
  return { kind: known === offered ? 'known' : 'changed' };
}
