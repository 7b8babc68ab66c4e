/**
 * The Entra ID simulator as a process of its own; it must not know how the simulator works.
 *
 * A local stand-in for Microsoft Entra ID that an unmodified msal-node signs in against, over TLS, with pages for a person
 * to click and an admin API to make things go wrong.
 *
 *     node test/support/entra/main.ts [--port 8443] [--admin-port 8444] [--tenant-id <guid>] [--client-id <guid>]
 *                                     [--certificate-directory <dir>] [--settings '{"accessTokenLifeSeconds":301}']
 *
 * When ready it prints one line of JSON on stdout: {authority, organizationsAuthority, origin, host, port, adminUrl, caFile,
 * tenantId, clientId, users}. It ends on SIGTERM or SIGINT. `--certificate-directory` keeps the CA over restarts.
 *
 * MSAL: authority as printed, knownAuthorities [host], a network client that trusts caFile. The scope is
 * api://workiq.svc.cloud.microsoft/WorkIQAgent.Ask or that of another audience of directory.ts. People: adele, megan, rob
 * (Contoso), nestor (Fabrikam: refused by the tenant's authority with AADSTS50020, welcome at organizations).
 *
 * Pages for Playwright, by body id: page-accounts (#user-adele, #user-megan, #user-rob, #user-nestor), page-consent (#accept,
 * #decline), page-admin-approval (#decline), page-device-code (#user-code, #continue, #code-error), page-device-confirm
 * (#continue, #cancel), page-done, page-cancelled, page-working (posts itself), page-error (#aadsts, #error-message).
 *
 * Admin API: `POST <adminUrl>/admin/<operation>` with the input as JSON (or no body), answers JSON; what an operation takes
 * and gives is defined in admin-contract.ts, settings in settings.ts, faults in faults.ts. In TypeScript: connectEntra(adminUrl).
 *
 *     settings, change-settings {accessTokenLifeSeconds, strictReuse, outage, hang, latencyMs, consent, requiredClaims, …}
 *     add-fault {endpoint?, grantType?, times?: n | "all", skip?, action}, faults, clear-faults {id?}
 *       action: {kind: "aadsts", code: 50076, suberror?, claims?} | {kind: "throttled", retryAfterSeconds?}
 *             | {kind: "unavailable", body?: "html" | "json" | "empty"} | {kind: "empty-object" | "truncated" | "slow_down"
 *             | "reset" | "hang" | "lost-answer"} | {kind: "delay", ms} | {kind: "http", status, headers?, body?}
 *     revoke-refresh-tokens {user?, aadsts?: 50173, suberror?: null | text}, revoke-access-tokens {user?}, revoke-consent {user?}
 *     device-codes, decide-device-code {userCode, decision: "approve" | "decline" | "expire", user?}, slow-down-device-code
 *     rotate-signing-key, counters, requests, secrets, issue-tokens {user, scope}, add-resource, reset
 *     introspect {token}, also at POST <adminUrl>/introspect: {active, aud, resource, scp, oid, upn, tid, exp, …}
 */
import { parseArgs } from 'node:util';
import { settingsChangeShape } from './settings.ts';
import { startEntra } from './simulator.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    'admin-port': { type: 'string' },
    'tenant-id': { type: 'string' },
    'client-id': { type: 'string' },
    'certificate-directory': { type: 'string' },
    settings: { type: 'string' },
  },
});

const clientId = values['client-id'];
const entra = await startEntra({
  port: Number(values.port ?? 0),
  adminPort: Number(values['admin-port'] ?? 0),
  tenantId: values['tenant-id'],
  ...(clientId === undefined
    ? {}
    : { clients: [{ clientId, name: 'RockBot', redirectUris: ['http://localhost'], isPublic: true }] }),
  certificateDirectory: values['certificate-directory'],
  settings: settingsChangeShape.parse(JSON.parse(values.settings ?? '{}')),
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void entra.close());

const { authority, organizationsAuthority, origin, host, port, adminUrl, caFile, tenantId } = entra;
const ready = { authority, organizationsAuthority, origin, host, port, adminUrl, caFile, tenantId };
process.stdout.write(`${JSON.stringify({ ...ready, clientId: entra.clientId, users: entra.users })}\n`);
