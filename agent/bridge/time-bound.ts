// Ends a computation in the midst of it, whatever it does: a check that a server's schema and data make slow must not hold up the
// whole agent. Only what owns nothing may run here, since it can end anywhere.
import { createContext, Script } from 'node:vm';

const context = createContext({ run: undefined }) as { run: (() => unknown) | undefined };
/** V8 ends a script, and what it calls, when its time is over; also a regular expression. */
const script = new Script('run()');

/** Undefined when it took more than `ms` milliseconds; then it cost that long. Throws what `run` throws. */
export function within<T>(ms: number, run: () => T): { value: T } | undefined {
  context.run = run;
  try {
    return { value: script.runInContext(context, { timeout: ms }) as T };
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  } finally {
    context.run = undefined;
  }
}
