/** Typed client of the admin API, for tests that drive a simulator in another process; it must not know the simulator. */
import { z } from 'zod';
import { OPERATION_NAMES, OPERATIONS, operationPath } from './admin-contract.ts';
import type { EntraControl, OperationName } from './admin-contract.ts';

const refusal = z.object({ error: z.string() });

/**
 * The control operations of the simulator at `adminUrl` (`http://127.0.0.1:<port>`).
 *
 * A call rejects with an Error that says what was wrong with it, or with fetch's error when the simulator is gone.
 */
export function connectEntra(adminUrl: string): EntraControl {
  const call = async (name: OperationName, input: unknown): Promise<unknown> => {
    const response = await fetch(new URL(operationPath(name), adminUrl), {
      method: 'POST',
      body: input === undefined ? '' : JSON.stringify(input),
    });
    const document: unknown = await response.json();
    if (!response.ok) throw new Error(`Entra simulator, ${name}: ${refusal.parse(document).error}`);
    return OPERATIONS[name].output.parse(document);
  };
  return Object.fromEntries(
    OPERATION_NAMES.map((name) => [name, (input?: unknown) => call(name, input)]),
  ) as unknown as EntraControl;
}
