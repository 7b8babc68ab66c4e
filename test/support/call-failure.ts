// Turns a call that has to fail into its error, for tests that look at codes and flags.
import assert from 'node:assert/strict';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

/** The RockBotError with which the promise rejects; fails the test when it resolves or rejects with something else. */
export async function failureOf(promise: Promise<unknown>): Promise<RockBotError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof RockBotError) return error;
    throw error;
  }
  return assert.fail('the call succeeded');
}
