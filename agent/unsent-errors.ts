// Which errors ended a call before anything of it was sent. Known inside the agent only, to whoever counts calls; it knows no call.

const unsent = new WeakSet<object>();

/** The error itself. */
export function asUnsent(error: unknown): unknown {
  if (error instanceof Error) unsent.add(error);
  return error;
}

/** False for what is not known. */
export function wasUnsent(error: unknown): boolean {
  return error instanceof Error && unsent.has(error);
}
