// The faults that can be injected: what they are, which requests they hit, and how often. Knows no wire form.
import { z } from 'zod';

/** Which requests a fault hits. Without `method` it is tools/call only, so that the handshake stays whole. */
const aim = {
  times: z.union([z.number().int().positive(), z.literal('all')]).default(1),
  /** Lets this many matching requests pass first. */
  skip: z.number().int().nonnegative().default(0),
  tool: z.string().optional(),
  /** A JSON-RPC method, `GET`, `DELETE`, or `*` for everything. */
  method: z.string().default('tools/call'),
  /** `mcp` or a catalogue server id. */
  endpoint: z.string().optional(),
  /** Runs the tool first, so that its side effects happened although the answer says otherwise. */
  executes: z.boolean().default(false),
};

export const faultSchema = z.discriminatedUnion('kind', [
  // Before the token is looked at
  z.object({ kind: z.literal('latency'), ms: z.number().int().nonnegative(), ...aim }),
  z.object({
    kind: z.literal('unauthorized'),
    /** The claims challenge as JSON text; sent base64-encoded with error="insufficient_claims". */
    claims: z.string().optional(),
    ...aim,
  }),
  z.object({
    kind: z.literal('forbidden'),
    form: z.enum(['missing-scope', 'no-policy', 'required-scopes', 'bare']).default('bare'),
    ...aim,
  }),
  z.object({ kind: z.literal('session-lost'), ...aim }),
  z.object({
    kind: z.literal('throttled'),
    seconds: z.number().int().nonnegative().default(17),
    as: z.enum(['seconds', 'date', 'none']).default('seconds'),
    ...aim,
  }),
  z.object({ kind: z.literal('server-error'), status: z.number().int().min(500).max(599).default(503), ...aim }),
  z.object({
    kind: z.literal('http'),
    status: z.number().int().min(200).max(599),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().default(''),
    ...aim,
  }),
  z.object({ kind: z.literal('issuer-mismatch'), ...aim }),
  z.object({
    kind: z.literal('redirect'),
    status: z.union([z.literal(302), z.literal(303), z.literal(307), z.literal(308)]).default(307),
    /** Absent: the simulator's foreign origin, which records what it is sent. */
    location: z.string().optional(),
    ...aim,
  }),
  z.object({
    kind: z.literal('drop'),
    /** `after`: the tool ran, no answer; `during`: the answer breaks off in the middle. */
    when: z.enum(['before', 'after', 'during']).default('before'),
    ...aim,
  }),
  z.object({ kind: z.literal('hang'), ...aim }),
  // Instead of the tool's result
  z.object({ kind: z.literal('null-result'), ...aim }),
  z.object({ kind: z.literal('broken-json'), ...aim }),
  z.object({
    kind: z.literal('rpc-error'),
    code: z.number().int().default(-32603),
    message: z.string().default('Internal error'),
    data: z.unknown().optional(),
    ...aim,
  }),
  z.object({ kind: z.literal('entitlement'), ...aim }),
  z.object({ kind: z.literal('policy-path'), ...aim }),
  z.object({
    kind: z.literal('graph-error'),
    status: z.number().int().min(400).max(599).default(403),
    code: z.string().default('Forbidden'),
    message: z.string().default("Missing scope permissions on the request. API requires one of 'Mail.ReadWrite'"),
    ...aim,
  }),
  z.object({
    kind: z.literal('throttled-in-band'),
    seconds: z.number().int().nonnegative().default(17),
    form: z.enum(['status-code', 'tool-error']).default('status-code'),
    ...aim,
  }),
  z.object({ kind: z.literal('busy'), retryAfterSeconds: z.number().int().nonnegative().default(30), ...aim }),
  z.object({ kind: z.literal('timed-out'), ...aim }),
  z.object({ kind: z.literal('tool-error'), text: z.string().default('An error occurred.'), ...aim }),
  z.object({ kind: z.literal('huge-result'), bytes: z.number().int().positive().max(200_000_000), ...aim }),
]);

export type Fault = z.infer<typeof faultSchema>;
/** What a caller writes: everything but the kind may be left out. */
export type FaultInput = z.input<typeof faultSchema>;
export type FaultKind = Fault['kind'];
export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;

export type ArmedFault = { id: string; fault: Fault; left: number | 'all'; skip: number };

export type FaultTarget = {
  endpoint: string;
  method: string;
  tool?: string | undefined;
  /** The tool goes on working for callers without an entitlement. */
  isFree?: boolean;
};

export class FaultRegistry {
  readonly #armed: ArmedFault[] = [];
  #nextId = 1;

  arm(input: FaultInput): ArmedFault {
    const fault = faultSchema.parse(input);
    const armed = { id: `f${this.#nextId++}`, fault, left: fault.times, skip: fault.skip };
    this.#armed.push(armed);
    return armed;
  }

  list(): ArmedFault[] {
    return [...this.#armed];
  }

  /** Without an id everything is disarmed. */
  disarm(id?: string): void {
    const doomed = id ? this.#armed.filter((armed) => armed.id === id) : [...this.#armed];
    for (const armed of doomed) this.#armed.splice(this.#armed.indexOf(armed), 1);
  }

  /** The faults that hit this request, latencies first and at most one other, and counts them down. */
  take(target: FaultTarget): Fault[] {
    const taken: Fault[] = [];
    let isDecided = false;
    for (const armed of this.list()) {
      if (!hits(armed.fault, target)) continue;
      const isLatency = armed.fault.kind === 'latency';
      if (isDecided && !isLatency) continue;
      if (armed.skip > 0) {
        armed.skip--;
        continue;
      }
      if (armed.left !== 'all' && --armed.left === 0) this.disarm(armed.id);
      if (isLatency) taken.unshift(armed.fault);
      else taken.push(armed.fault);
      isDecided ||= !isLatency;
    }
    return taken;
  }
}

function hits(fault: Fault, target: FaultTarget): boolean {
  if (fault.kind === 'entitlement' && target.isFree) return false;
  if (fault.endpoint && fault.endpoint !== target.endpoint) return false;
  if (fault.tool && fault.tool !== target.tool) return false;
  return fault.method === '*' || fault.method === target.method;
}
