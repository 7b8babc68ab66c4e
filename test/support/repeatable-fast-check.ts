// fast-check for tests: properties run with the seed of `test-seed.ts` and as many runs as each states, times what is asked for.
import * as fc from 'fast-check';
import { searchedRuns, testSeed } from './test-seed.ts';

// In place of its `assert`, all else as it is.
export * from 'fast-check';

/** What fast-check runs where a property states nothing. */
const defaultRuns = 100;

export function assert<Ts>(property: fc.IAsyncProperty<Ts>, parameters?: fc.Parameters<Ts>): Promise<void>;
export function assert<Ts>(property: fc.IProperty<Ts>, parameters?: fc.Parameters<Ts>): void;
export function assert<Ts>(
  property: fc.IAsyncProperty<Ts> | fc.IProperty<Ts>,
  parameters: fc.Parameters<Ts> = {},
): Promise<void> | void {
  const { numRuns = defaultRuns } = parameters;
  return fc.assert(property, { seed: testSeed, ...parameters, numRuns: searchedRuns(numRuns) });
}
