// Every code of a diagnostic of mcp.json, with how serious it is; docs/mcp-json.md has a section for each.

/**
 * `error`: the agent does not take the entry, or the file. `warning`: it takes it, and it will not work as meant. `information`:
 * worth knowing.
 */
export type RuleSeverity = 'error' | 'warning' | 'information';

export const ruleCodes = {
  'mcp/syntax': 'error',
  'mcp/empty-file': 'error',
  'mcp/no-servers': 'error',
  'mcp/misspelt-servers': 'error',
  'mcp/duplicate-key': 'error',
  'mcp/two-lists': 'information',
  'mcp/duplicate-server': 'warning',
  'mcp/same-address': 'information',
  'mcp/server-name': 'error',
  'mcp/wrong-kind': 'error',
  'mcp/out-of-range': 'error',
  'mcp/unknown-type': 'error',
  'mcp/missing-address': 'error',
  'mcp/unknown-key': 'warning',
  'mcp/foreign-key': 'information',
  'mcp/ignored-key': 'warning',
  'mcp/enabled-contradiction': 'error',
  'mcp/short-timeout': 'warning',
  'mcp/not-over-bus': 'error',
  'mcp/secret': 'error',
  'mcp/placeholder': 'warning',
  'mcp/foreign-variable': 'error',
  'mcp/unset-variable': 'warning',
  'mcp/unexpanded-variable': 'warning',
  'mcp/header': 'error',
  'mcp/bad-url': 'warning',
  'mcp/insecure-url': 'warning',
  'mcp/wrong-transport': 'warning',
  'mcp/auth-on-stdio': 'error',
  'mcp/authorization-beside-auth': 'error',
  'mcp/unknown-profile': 'error',
  'mcp/origin-not-allowed': 'warning',
  'mcp/unknown-tool': 'warning',
  'mcp/filter': 'warning',
  'mcp/guards': 'error',
  'mcp/guards-never-match': 'warning',
  'mcp/guards-let-all-through': 'warning',
  'mcp/workiq-tenant': 'warning',
  'mcp/workiq-address': 'warning',
  'mcp/workiq-auth': 'warning',
  'mcp/workiq-former-name': 'warning',
  'mcp/workiq-legacy': 'information',
} as const satisfies Readonly<Record<string, RuleSeverity>>;

export type RuleCode = keyof typeof ruleCodes;
