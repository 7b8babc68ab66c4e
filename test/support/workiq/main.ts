// Runs the Work IQ simulator as a process of its own; prints one JSON line with its addresses when it is ready.
import { parseArgs } from 'node:util';
import { startWorkIq } from './simulator.ts';
import { settingsPatch, type SettingsPatch } from './settings.ts';

const USAGE = `node test/support/workiq/main.ts [options]
  --introspect <url>      ask this address about every token: POST {token} -> {active, aud, scp, oid, upn, exp}
  --static-token <token>  this token passes everywhere, as Adele
  --mutations <policy>    allowed or denied (default denied)
  --framing <form>        json or sse for the single endpoint (default json)
  --no-sessions           issue no Mcp-Session-Id
  --ask-latency <ms>      how long ask thinks (default 1500)
  --settings <json>       any other settings
  --now <time>            seed around this moment and stop the clock there
  --tenant <guid>         tenant in the printed catalogue addresses
  --authorization-server <url>
  --port <n>  --admin-port <n>`;

const { values } = parseArgs({
  options: {
    introspect: { type: 'string' },
    'static-token': { type: 'string' },
    mutations: { type: 'string' },
    framing: { type: 'string' },
    'no-sessions': { type: 'boolean' },
    'ask-latency': { type: 'string' },
    settings: { type: 'string' },
    now: { type: 'string' },
    tenant: { type: 'string' },
    'authorization-server': { type: 'string' },
    port: { type: 'string' },
    'admin-port': { type: 'string' },
    help: { type: 'boolean' },
  },
});

if (values.help) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(0);
}

const given: Record<string, unknown> = {
  askLatencyMs: Number(values['ask-latency'] ?? 1500),
  ...(values.mutations ? { mutations: values.mutations } : {}),
  ...(values.framing ? { mcpFraming: values.framing } : {}),
  ...(values['no-sessions'] ? { sessions: false } : {}),
  ...(values.settings ? (JSON.parse(values.settings) as Record<string, unknown>) : {}),
};
const parsed: SettingsPatch = settingsPatch.strict().parse(given);
const simulator = await startWorkIq({
  auth: { introspectUrl: values.introspect, staticToken: values['static-token'] },
  settings: parsed,
  now: values.now ? new Date(values.now) : undefined,
  tenantId: values.tenant,
  authorizationServer: values['authorization-server'],
  port: Number(values.port ?? 0),
  adminPort: Number(values['admin-port'] ?? 0),
});

const { origin, mcpUrl, adminUrl, foreignUrl, catalogueUrl } = simulator;
const addresses = {
  mcpUrl,
  mailUrl: catalogueUrl('mcp_MailTools'),
  calendarUrl: catalogueUrl('mcp_CalendarTools'),
  origin,
  adminUrl,
  foreignUrl,
};
process.stdout.write(`${JSON.stringify(addresses)}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void simulator.close().then(() => process.exit(0)));
}
