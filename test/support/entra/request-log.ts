/** Counters and the last requests, free of secrets, for tests to assert on; it must not influence any answer. */
import { z } from 'zod';

const counts = z.record(z.string(), z.number());

export const requestEntryShape = z.object({
  /** ISO 8601. */
  at: z.string(),
  /** token, devicecode, authorize, discovery, jwks, devicelogin, interaction or other. */
  endpoint: z.string(),
  tenant: z.string().optional(),
  grantType: z.string().optional(),
  clientId: z.string().optional(),
  scope: z.string().optional(),
  /** The raw `claims` parameter. */
  claims: z.string().optional(),
  loginHint: z.string().optional(),
  prompt: z.string().optional(),
  /** Object id of the user that tokens were issued for. */
  user: z.string().optional(),
  /** `ok`, an OAuth error, or the kind of fault that hit it; a reply with an HTTP error alone is `status <n>`. */
  outcome: z.string(),
  aadsts: z.number().optional(),
});

export type RequestEntry = z.output<typeof requestEntryShape>;

export const countersShape = z.object({
  /** Requests per endpoint. */
  requests: counts,
  /** Token requests per grant type. */
  tokenRequests: counts,
  /** Token requests per outcome. */
  tokenOutcomes: counts,
  /** Token and authorize requests that carried a claims parameter. */
  claimsRequests: z.number(),
  /** Most token requests that were under way at one moment. */
  maxConcurrentTokenRequests: z.number(),
  connections: z.number(),
});

export type Counters = z.output<typeof countersShape>;

const KEPT_ENTRIES = 500;

export function createRequestLog() {
  let counters = emptyCounters();
  let entries: RequestEntry[] = [];
  let underWay = 0;
  return {
    connection: (): void => void (counters.connections += 1),
    tokenRequestBegins(): void {
      underWay += 1;
      counters.maxConcurrentTokenRequests = Math.max(counters.maxConcurrentTokenRequests, underWay);
    },
    tokenRequestEnds: (): void => void (underWay -= 1),
    add(entry: Omit<RequestEntry, 'at'>): void {
      increment(counters.requests, entry.endpoint);
      if (entry.endpoint === 'token') {
        increment(counters.tokenRequests, entry.grantType ?? 'none');
        increment(counters.tokenOutcomes, entry.outcome);
      }
      if (entry.claims !== undefined) counters.claimsRequests += 1;
      entries.push({ at: new Date().toISOString(), ...entry });
      if (entries.length > KEPT_ENTRIES) entries.splice(0, entries.length - KEPT_ENTRIES);
    },
    counters: (): Counters => structuredClone(counters),
    entries: (): RequestEntry[] => structuredClone(entries),
    reset(): void {
      counters = emptyCounters();
      entries = [];
    },
  };
}

function emptyCounters(): Counters {
  return {
    requests: {},
    tokenRequests: {},
    tokenOutcomes: {},
    claimsRequests: 0,
    maxConcurrentTokenRequests: 0,
    connections: 0,
  };
}

function increment(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
