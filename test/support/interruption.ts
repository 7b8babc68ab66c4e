// Hears Ctrl-C and its kin for programs that a person runs, so that what they have started ends with them. It ends nothing.

/** Resolves with the first signal. Later ones do nothing, because npm passes each on that the terminal has sent already. */
export function interruption(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
  });
}
