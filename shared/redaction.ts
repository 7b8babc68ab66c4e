// Takes secrets out of text on its way to any sink (log, error, metric, audit, diagnostics); it never throws.

const mask = '[redacted]';
/** Characters that an excerpt looks at. */
const excerptRoom = 8_192;

/** Repetitions are bounded or start at a boundary, so that hostile text costs no more than linear time. */
const patterns: readonly (readonly [RegExp, string])[] = [
  // Before all that could take its first line away.
  [/-----BEGIN [^-]+-----[\s\S]*?(?:-----END [^-]+-----|$)/g, mask],
  // JWTs and compact JWE/JWS: at least header and payload, base64url of a JSON object.
  [/\beyJ[\w-]{10,4096}\.[\w-]*(?:\.[\w-]*){1,3}/g, mask],
  // Entra refresh tokens ("0.A…", "1.A…", "M.C…") and the base64-like blobs of other issuers.
  [/\b(?:[01]\.A[\w-]{20,}|M\.[CR]\d?[\w.!*-]{20,})[\w.-]*/g, mask],
  [/\b(Bearer|Basic|DPoP)\s+[\w.~+/=-]{6,}/gi, `$1 ${mask}`],
  // Keys that say by their beginning what they are: AWS, GitHub, GitLab, Slack, Google, npm, Stripe, OpenAI and the like.
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, mask],
  [/\b(?:gh[pousr]_|github_pat_|npm_|hf_)\w{16,}/g, mask],
  [/\b(?:glpat-|xox[a-z]-|xapp-)[\w-]{10,}/g, mask],
  [/\bAIza[\w-]{30,}/g, mask],
  [/\b(?:sk|rk)[-_](?:live|test|proj|ant|svcacct|or|admin)[-_][\w-]{6,}/g, mask],
  [/\bsk-(?=[\w-]{0,64}\d)[\w-]{20,}/g, mask],
  // nkey seeds (operator, account, user, server, cluster, curve).
  [/\bS[OAUNCX][A-Z2-7]{50,}\b/g, mask],
  [
    // Also inside JSON that stands as text in JSON, where quotes are escaped.
    /(\b(?:access_token|refresh_token|id_token|client_secret|client_assertion|device_code|code_verifier|password|secret|authorization)\\{0,3}["']?\s{0,9}[:=]\s{0,9}\\{0,3}["']?)[^\s"'\\&,}]+/gi,
    `$1${mask}`,
  ],
  [/([?&](?:code|token|sig|signature|state|key|api_key|apikey)=)[^&\s"#]+/gi, `$1${mask}`],
  // user:password@ in any URL.
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^/\s:@]+:[^/\s@]+@/gi, `$1${mask}@`],
];

/** Returns `text` with everything that looks like a credential replaced. */
export function redact(text: string): string {
  let clean = text;
  for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement);
  return clean;
}

/** The beginning of a text of unknown length, redacted: at most `length` characters. */
export function redactedExcerpt(text: string, length: number): string {
  const room = Math.min(text.length, excerptRoom);
  // A credential that the cut would halve, and so hide from the patterns, is left out whole; one word that fills half of the
  // room is longer than what patterns need of it, and else nothing would be left of a long text without spaces.
  let end = room;
  if (room < text.length) while (end > excerptRoom / 2 && /[\w.~+/=-]/.test(text[end - 1] ?? '')) end--;
  if (end === excerptRoom / 2) end = room;
  return redact(text.slice(0, end)).slice(0, length);
}

const secretKeys = /^(?:authorization|cookie|set-cookie|.*(?:token|secret|password|passphrase|seed|apikey|api_key))$/i;

/** Returns a copy of a JSON-like value with secret-named members masked and every string redacted; bounded in depth. */
export function redactValue(value: unknown, depth = 6): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'bigint') return String(value);
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
