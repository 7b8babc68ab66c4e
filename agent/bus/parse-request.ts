// Reads a request's payload into what the contract says it is, or throws the error to answer with. It knows no NATS.
import { contractVersion } from '../../shared/contract/contract.ts';
import type { RequestDefinition } from '../../shared/contract/definition.ts';
import { isSupportedVersion } from '../../shared/contract/metadata.ts';
import { describeIssues } from '../../shared/describe-issues.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

const decoder = new TextDecoder();

/** `version` is the request's `rb-v`. Throws RockBotError `unsupported_version` or `invalid_request`. */
export function parseRequest(
  definition: RequestDefinition,
  { data, version }: { data: Uint8Array; version: string | undefined },
): unknown {
  if (!isSupportedVersion(version)) throw unsupportedVersion(version);
  const parsed = definition.request.safeParse(parseJson(data));
  if (parsed.success) return parsed.data;
  throw new RockBotError({
    code: 'invalid_request',
    message: `The payload is not as the contract says: ${describeIssues(parsed.error)}.`,
    action: 'Correct the request.',
  });
}

export function malformedHeaders(): RockBotError {
  return new RockBotError({
    code: 'invalid_request',
    message: 'The headers of the message are malformed.',
    action: 'Send each as one line of printable characters, or leave them out.',
  });
}

/** An empty payload counts as an empty object. */
function parseJson(data: Uint8Array): unknown {
  if (data.length === 0) return {};
  try {
    return JSON.parse(decoder.decode(data));
  } catch (error) {
    throw new RockBotError({
      code: 'invalid_request',
      message: 'The payload is no JSON.',
      action: 'Send a JSON object.',
      cause: error,
    });
  }
}

function unsupportedVersion(version: string | undefined): RockBotError {
  return new RockBotError({
    code: 'unsupported_version',
    message: `This agent speaks version ${contractVersion} of the contract, not ${version ?? ''}.`,
    action: 'Use a client of the same major version.',
  });
}
