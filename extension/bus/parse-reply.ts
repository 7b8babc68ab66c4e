// Reads the bytes of an answer into the contract's reply, or throws what the agent refused with; it knows no NATS.
import type { z } from 'zod';
import { errorReplySchema } from '../../shared/contract/definition.ts';
import { isSupportedVersion } from '../../shared/contract/metadata.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { fromWireError } from '../../shared/errors/wire-error.ts';

/** An answer put together from all its parts. */
export interface Reply {
  data: Uint8Array;
  /** Its `rb-v`. */
  version: string | undefined;
}

/** @throws RockBotError the agent's own, `unsupported_version`, or `internal` for an answer of no known form */
export function parseReply({ data, version }: Reply, schema: z.ZodType): unknown {
  if (!isSupportedVersion(version)) {
    throw new RockBotError({
      code: 'unsupported_version',
      message: `The agent answers in version ${version} of the contract.`,
      action: 'Update this program or the agent, so that both have the same major version.',
    });
  }
  const value = parseJson(data);
  const failure = errorReplySchema.safeParse(value);
  if (failure.success) throw fromWireError(failure.data.error);
  const reply = schema.safeParse(value);
  if (reply.success) return reply.data;
  throw new RockBotError({
    code: 'internal',
    message: "The agent's answer does not have the expected form.",
    action: 'Check that the agent and this program have matching versions.',
    cause: reply.error,
  });
}

/** Undefined for what is no JSON. */
export function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch {
    return undefined;
  }
}
