// Takes secrets out of text on its way to any sink (log, error, metric, audit, diagnostics); it never throws.

const mask = '[redacted]';

const patterns: readonly (readonly [RegExp, string])[] = [
  // JWTs and compact JWE/JWS: at least header and payload, base64url of a JSON object.
  [/\beyJ[\w-]{10,}\.[\w-]*(?:\.[\w-]*){1,3}/g, mask],
  // Entra refresh tokens ("0.A…", "1.A…", "M.C…") and the base64-like blobs of other issuers.
  [/\b(?:[01]\.A[\w-]{20,}|M\.[CR]\d?[\w.!*-]{20,})[\w.-]*/g, mask],
  [/\b(Bearer|Basic|DPoP)\s+[\w.~+/=-]{6,}/gi, `$1 ${mask}`],
  // nkey seeds (operator, account, user, server, cluster, curve).
  [/\bS[OAUNCX][A-Z2-7]{50,}\b/g, mask],
  [/-----BEGIN [^-]+-----[\s\S]*?(?:-----END [^-]+-----|$)/g, mask],
  [
    /("?\b(?:access_token|refresh_token|id_token|client_secret|client_assertion|device_code|code_verifier|password|secret|authorization)"?\s*[:=]\s*"?)[^\s"&,}]+/gi,
    `$1${mask}`,
  ],
  [/([?&](?:code|token|sig|signature|state|key|api_key|apikey)=)[^&\s"#]+/gi, `$1${mask}`],
  // user:password@ in any URL.
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s:@]+:[^/\s@]+@/gi, `$1${mask}@`],
];

/** Returns `text` with everything that looks like a credential replaced. */
export function redact(text: string): string {
  let clean = text;
  for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement);
  return clean;
}

const secretKeys = /^(?:authorization|cookie|set-cookie|.*(?:token|secret|password|passphrase|seed|apikey|api_key))$/i;

/** Returns a copy of a JSON-like value with secret-named members masked and every string redacted; bounded in depth. */
export function redactValue(value: unknown, depth = 6): unknown {
  if (typeof value === 'string') return redact(value);
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? undefined : value;
  if (value instanceof Error) return { name: value.name, message: redact(value.message) };
  if (depth === 0) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redactValue(item, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      secretKeys.test(key) && typeof item === 'string' ? mask : redactValue(item, depth - 1),
    ]),
  );
}
