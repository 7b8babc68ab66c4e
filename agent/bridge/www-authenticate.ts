// Reads a WWW-Authenticate: Bearer challenge. Sources: RFC 9110 11.6.1, RFC 6750 3, RFC 9728 5.1, Entra claims challenges.

export interface BearerChallenge {
  error?: string;
  description?: string;
  resourceMetadata?: string;
  scope?: string;
  /** JSON text of the claims to ask for, decoded from base64. */
  claims?: string;
}

const parameter = /(?<![a-zA-Z_])([a-zA-Z_]+)\s{0,9}=\s{0,9}(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;
/** The scheme at the beginning or after another challenge. */
const bearerScheme = /(?:^|,)\s{0,9}bearer(?=[\s,]|$)/i;

/** Undefined when the header is absent or challenges for no bearer. */
export function parseBearerChallenge(header: string | undefined): BearerChallenge | undefined {
  const text = header?.slice(0, 16_384) ?? '';
  const scheme = bearerScheme.exec(text);
  if (scheme === null) return undefined;
  const values = new Map<string, string>();
  for (const [, name = '', quoted, bare = ''] of text.slice(scheme.index + scheme[0].length).matchAll(parameter)) {
    const key = name.toLowerCase();
    // What a further challenge repeats is not ours.
    if (!values.has(key)) values.set(key, quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1'));
  }
  const claims = decodeClaims(values.get('claims'));
  return {
    ...optional('error', values.get('error')),
    ...optional('description', values.get('error_description')),
    ...optional('resourceMetadata', values.get('resource_metadata')),
    ...optional('scope', values.get('scope')),
    ...optional('claims', claims),
  };
}

/** One line about the challenge for a person, without the claims. */
export function describeChallenge(challenge: BearerChallenge | undefined): string | undefined {
  if (challenge === undefined) return undefined;
  const { error, description, scope, resourceMetadata } = challenge;
  const parts = [error, description, scope && `scope ${scope}`, resourceMetadata && `see ${resourceMetadata}`].filter(
    Boolean,
  );
  return parts.length === 0 ? undefined : parts.join(': ');
}

function decodeClaims(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = Buffer.from(value, 'base64').toString('utf8');
  try {
    const json: unknown = JSON.parse(text);
    return json !== null && typeof json === 'object' ? text : undefined;
  } catch {
    return undefined;
  }
}

function optional<Key extends keyof BearerChallenge>(key: Key, value: string | undefined): Partial<BearerChallenge> {
  return value === undefined || value === '' ? {} : { [key]: value };
}
