// Finds mistakes in arguments of functions of time that stand in the expression itself, so that no run is needed to find them.
import { checkZone, ExpressionProblem, formatted, readDuration, readInstant, readUnit } from './expression-time.ts';

type Role = 'time' | 'unit' | 'amount' | 'pattern' | 'zone';

const rolesOf: ReadonlyMap<string, readonly Role[]> = new Map<string, readonly Role[]>([
  ['today', ['zone']],
  ['plus', ['time', 'amount', 'zone']],
  ['minus', ['time', 'amount', 'zone']],
  ['startOf', ['time', 'unit', 'zone']],
  ['endOf', ['time', 'unit', 'zone']],
  ['inZone', ['time', 'zone']],
  ['format', ['time', 'pattern', 'zone']],
  ['iso', ['time', 'zone']],
  ['before', ['time', 'time']],
  ['after', ['time', 'time']],
]);

const checks: Readonly<Record<Role, (text: string) => unknown>> = {
  time: (text) => readInstant(text, 'UTC'),
  unit: readUnit,
  amount: readDuration,
  pattern: (text) => formatted(readInstant('2027-03-01', 'UTC'), text),
  zone: checkZone,
};

/** What is wrong, in plain words. `position` is from 0. */
export function constantArgumentProblem(name: string, position: number, value: unknown): string | undefined {
  const role = rolesOf.get(name)?.[position];
  if (role === undefined || typeof value !== 'string') return undefined;
  try {
    checks[role](value);
    return undefined;
  } catch (error) {
    if (error instanceof ExpressionProblem) return error.message;
    throw error;
  }
}
