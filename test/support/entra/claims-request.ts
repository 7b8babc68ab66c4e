/** Reading of the OpenID Connect `claims` parameter as a CAE or step-up client sends it; it must not know tokens. */
import { z } from 'zod';
import { EntraError } from './aadsts.ts';

const requestedClaim = z.looseObject({
  essential: z.boolean().optional(),
  value: z.union([z.string(), z.number()]).optional(),
  values: z.array(z.string()).optional(),
});

const claimsShape = z.looseObject({
  access_token: z.record(z.string(), requestedClaim.nullable()).optional(),
});

export interface ClaimsRequest {
  /** Authentication contexts asked for, such as `c1`. */
  acrs: string[];
  /** Client capabilities; `cp1` says that the client handles claims challenges. */
  capabilities: string[];
  /** Names of everything asked for in the access token. */
  names: string[];
}

/** @throws EntraError invalid_request when the parameter is no claims document. */
export function readClaimsRequest(parameter: string | undefined): ClaimsRequest {
  if (parameter === undefined) return { acrs: [], capabilities: [], names: [] };
  const parsed = claimsShape.safeParse(parseJson(parameter));
  if (!parsed.success) {
    throw new EntraError({ error: 'invalid_request', message: 'The claims parameter is not a valid claims request.' });
  }
  const requested = parsed.data.access_token ?? {};
  return {
    acrs: valuesOf(requested['acrs']),
    capabilities: valuesOf(requested['xms_cc']),
    names: Object.keys(requested),
  };
}

function valuesOf(claim: z.output<typeof requestedClaim> | null | undefined): string[] {
  return claim?.values ?? (claim?.value === undefined ? [] : [String(claim.value)]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
