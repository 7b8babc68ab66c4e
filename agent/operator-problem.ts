// What an operator has to mend before the agent can start, as one sentence.
import { ConfigError } from './config/config-problems.ts';

/** With the system's own code where there is one. */
export function operatorProblem(what: string, error: unknown): ConfigError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new ConfigError([`${what} (${code ?? message.replace(/\.$/, '')}).`]);
}
