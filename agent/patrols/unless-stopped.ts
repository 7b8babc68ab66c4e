// What becomes of work that a signal may end: being stopped is no failure of it.

/** Undefined when it was the signal that ended the work. */
export async function unlessStopped<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined;
    throw error;
  }
}
