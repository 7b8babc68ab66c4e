// The tenant policy of the single endpoint: which paths and query options pass, and whether writing is allowed at all.

export type MutationPolicy = 'allowed' | 'denied';

export const BLOB_LIMIT_BYTES = 4_194_304;

const ALLOWED_ROOTS = new Set(['me', 'users', 'sites', 'teams', 'chats', 'drives', 'planner', 'groups']);
const BLOCKED_SEGMENTS = new Set(['authentication', 'serviceprincipals']);
const DENIED_PATHS = [/^\/me\/todo(\/|$)/i, /^\/me\/contacts(\/|$)/i, /^\/me\/photo$/i];
const DENIED_WRITES = [/^\/me\/outlook\/masterCategories/i, /^\/me\/drive\/items\//i];

/** The refusal in Work IQ's words, or undefined when the policy lets it pass. */
export function policyRefusal(
  url: string,
  options: { writes: boolean; mutations: MutationPolicy; blocksSkip: boolean },
): string | undefined {
  const [path = '', query = ''] = url.split('?', 2);
  const segments = path
    .split('/')
    .filter(Boolean)
    .map((segment) => segment.toLowerCase());
  const isDenied =
    (options.writes && options.mutations === 'denied') ||
    !ALLOWED_ROOTS.has(segments[0] ?? '') ||
    segments.some((segment) => BLOCKED_SEGMENTS.has(segment)) ||
    DENIED_PATHS.some((pattern) => pattern.test(path)) ||
    (options.writes && DENIED_WRITES.some((pattern) => pattern.test(path)));
  if (isDenied) return `Access denied for path: ${path}`;
  const blocked = options.blocksSkip && /(?:^|&)(?:\$|%24)?(skip|skiptoken)=/i.exec(query);
  return blocked ? `Access denied for path: ${path} (query option $${blocked[1]} is blocked)` : undefined;
}
