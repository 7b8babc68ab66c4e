// Where generated test cases begin, and how many there are: the same in every run, unless the environment asks for a search.
import * as z from 'zod';

const environment = z.object({
  ROCKBOT_TEST_SEED: z
    .union([
      z.literal('random').transform(() => Math.floor(Math.random() * 2 ** 31)),
      z.coerce
        .number()
        .int()
        .nonnegative()
        .max(2 ** 31 - 1),
    ])
    .default(20_261_123),
  ROCKBOT_TEST_RUNS: z.coerce.number().positive().default(1),
});

const { ROCKBOT_TEST_SEED, ROCKBOT_TEST_RUNS } = environment.parse(process.env);

/** A whole number from 0 to 2^31 - 1. */
export const testSeed = ROCKBOT_TEST_SEED;

/** So many cases as a test states, times `ROCKBOT_TEST_RUNS`; at least one. */
export function searchedRuns(stated: number): number {
  return Math.max(1, Math.round(stated * ROCKBOT_TEST_RUNS));
}
