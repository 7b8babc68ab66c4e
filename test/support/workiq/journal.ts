// What reached the simulator and what really happened there, for tests to look at. Bearers are kept apart as hashes.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Effect } from './graph/graph-call.ts';

const KEPT_REQUESTS = 5_000;

export type SideEffect = Effect & { at: string; user: string; endpoint: string; tool: string };

export type SeenRequest = {
  at: string;
  http: string;
  path: string;
  endpoint: string;
  method: string;
  tool?: string;
  /** Null when no Authorization header came. */
  authorizationSha256: string | null;
  /** Without Authorization. */
  headers: Record<string, string>;
  /** 0 while unanswered, or when the connection was dropped or left hanging. */
  status: number;
};

export type Snapshot = {
  http: Record<string, number>;
  methods: Record<string, number>;
  tools: Record<string, number>;
  statuses: Record<string, number>;
  faults: Record<string, number>;
  sideEffects: SideEffect[];
  effectCounts: Record<string, number>;
  /** Subjects of the mails that were really sent, in order. */
  mailsSent: string[];
  concurrentCalls: { current: number; peak: number };
  cancelled: number;
  sessions: { created: number; ended: number };
  foreign: { requests: number; authorizationSha256: string[] };
};

export type RawAuthorization = { at: string; endpoint: string; method: string; authorization: string };

export class Journal {
  #http: Record<string, number> = {};
  #methods: Record<string, number> = {};
  #tools: Record<string, number> = {};
  #statuses: Record<string, number> = {};
  #faults: Record<string, number> = {};
  #effects: SideEffect[] = [];
  #requests: SeenRequest[] = [];
  #authorizations: RawAuthorization[] = [];
  #foreign: { requests: number; authorizationSha256: string[] } = { requests: 0, authorizationSha256: [] };
  #current = 0;
  #peak = 0;
  #cancelled = 0;
  #sessions = { created: 0, ended: 0 };

  request(seen: {
    http: string;
    path: string;
    endpoint: string;
    method: string;
    tool?: string | undefined;
    headers: IncomingHttpHeaders;
  }): SeenRequest {
    const { authorization, ...headers } = seen.headers;
    const at = new Date().toISOString();
    const entry: SeenRequest = {
      at,
      http: seen.http,
      path: seen.path,
      endpoint: seen.endpoint,
      method: seen.method,
      ...(seen.tool ? { tool: seen.tool } : {}),
      authorizationSha256: authorization ? sha256(authorization) : null,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      status: 0,
    };
    count(this.#http, seen.http);
    if (seen.method !== seen.http) count(this.#methods, seen.method);
    if (seen.tool) count(this.#tools, seen.tool);
    this.#requests.push(entry);
    if (this.#requests.length > KEPT_REQUESTS) this.#requests.shift();
    if (authorization) this.#authorizations.push({ at, endpoint: seen.endpoint, method: seen.method, authorization });
    if (this.#authorizations.length > KEPT_REQUESTS) this.#authorizations.shift();
    return entry;
  }

  answered(entry: SeenRequest, status: number): void {
    entry.status = status;
    count(this.#statuses, String(status));
  }

  fault(kind: string): void {
    count(this.#faults, kind);
  }

  effect(effect: SideEffect): void {
    this.#effects.push(effect);
  }

  callStarted(): () => void {
    this.#peak = Math.max(this.#peak, ++this.#current);
    let isOver = false;
    return () => {
      if (!isOver) this.#current--;
      isOver = true;
    };
  }

  cancelled(): void {
    this.#cancelled++;
  }

  session(event: 'created' | 'ended'): void {
    this.#sessions[event]++;
  }

  foreignRequest(authorization: string | undefined): void {
    this.#foreign.requests++;
    if (authorization) this.#foreign.authorizationSha256.push(sha256(authorization));
  }

  requests(): SeenRequest[] {
    return structuredClone(this.#requests);
  }

  /** The Authorization headers as they came. Only for tests that must know which token arrived. */
  rawAuthorizations(): RawAuthorization[] {
    return structuredClone(this.#authorizations);
  }

  snapshot(): Snapshot {
    const effectCounts: Record<string, number> = {};
    for (const effect of this.#effects) count(effectCounts, effect.kind);
    return structuredClone({
      http: this.#http,
      methods: this.#methods,
      tools: this.#tools,
      statuses: this.#statuses,
      faults: this.#faults,
      sideEffects: this.#effects,
      effectCounts,
      mailsSent: this.#effects.filter((effect) => effect.kind === 'mail.sent').map((effect) => effect.subject ?? ''),
      concurrentCalls: { current: this.#current, peak: this.#peak },
      cancelled: this.#cancelled,
      sessions: this.#sessions,
      foreign: this.#foreign,
    });
  }

  reset(): void {
    this.#http = {};
    this.#methods = {};
    this.#tools = {};
    this.#statuses = {};
    this.#faults = {};
    this.#effects = [];
    this.#requests = [];
    this.#authorizations = [];
    this.#foreign = { requests: 0, authorizationSha256: [] };
    this.#peak = this.#current;
    this.#cancelled = 0;
    this.#sessions = { created: 0, ended: 0 };
  }
}

/** The hash that the journal keeps of a whole Authorization header, `Bearer ` included. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
