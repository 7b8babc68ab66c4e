// Findings about Microsoft Entra as the agent reaches it: the way there, the tenant, and the two clocks. It asks for the public
// OpenID metadata alone, and sends nothing of the account.
import type { Dispatcher } from 'undici';
import * as z from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import { finding, skipped } from '../../shared/doctor/finding.ts';
import { skewText } from '../../shared/doctor/skew-text.ts';
import { aadstsOf } from '../../shared/entra-failure.ts';
import { plainLine } from '../../shared/plain-text.ts';
import { proxyFor } from '../../shared/proxy-setting.ts';
import { certificateFault, failureCodeOf } from '../connect-failure.ts';

export interface EntraCheckOptions {
  /** Absolute URL with the tenant. */
  authority: string;
  tenantId: string;
  dispatcher: () => Promise<Pick<Dispatcher, 'request'>>;
  env: NodeJS.ProcessEnv;
  clock: Pick<Clock, 'now'>;
  signal: AbortSignal;
  /** Milliseconds for the whole question. */
  timeoutMs?: number;
}

interface Answer {
  status: number;
  text: string;
  /** Milliseconds by which the agent's clock is ahead; undefined without a usable Date. */
  aheadMs: number | undefined;
}

const maxBytes = 256 * 1024;
/** Milliseconds: Entra and servers forgive about five minutes. */
const failedSkewMs = 5 * 60_000;
const warnSkewMs = 60_000;

export async function checkEntra(options: EntraCheckOptions): Promise<Finding[]> {
  const url = metadataUrl(options.authority);
  let answer: Answer;
  try {
    answer = await ask(url, options);
  } catch (error) {
    options.signal.throwIfAborted();
    return [
      unreached(url, failureCodeOf(error) ?? 'unknown', options.env),
      ...afterwards('Entra could not be reached.'),
    ];
  }
  const { status, text } = answer;
  const metadata = metadataSchema.safeParse(parsed(text)).data;
  const refusal = refusalSchema.safeParse(parsed(text)).data;
  const reached = finding('entra.reach', 'ok', `${url.host} answers.`);
  if (status === 200 && metadata !== undefined)
    return [reached, checkTenant(metadata.issuer, options), checkClock(answer.aheadMs)];
  if (status < 500 && refusal !== undefined)
    return [reached, refusedTenant(refusal, options), checkClock(answer.aheadMs)];
  return [strange(url, status, options.env), ...afterwards('What answers is not Entra as it should be.')];
}

const metadataSchema = z.looseObject({ issuer: z.string(), token_endpoint: z.string() });
const refusalSchema = z.looseObject({ error: z.string(), error_description: z.string().optional() });

/** As MSAL asks for it. Source: OpenID Connect Discovery 1.0, and Microsoft's authorities of version 2.0. */
function metadataUrl(authority: string): URL {
  return new URL(`${authority.replace(/\/+$/, '').replace(/\/v2\.0$/, '')}/v2.0/.well-known/openid-configuration`);
}

async function ask(url: URL, { dispatcher, clock, signal, timeoutMs = 8_000 }: EntraCheckOptions): Promise<Answer> {
  const startedAt = clock.now();
  const { statusCode, headers, body } = await (
    await dispatcher()
  ).request({
    origin: url.origin,
    path: url.pathname,
    method: 'GET',
    headers: { accept: 'application/json' },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  const endedAt = clock.now();
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) break;
    chunks.push(chunk);
  }
  const date = Date.parse(String(headers['date'] ?? ''));
  // The header has whole seconds, cut off.
  const aheadMs = Number.isNaN(date) ? undefined : (startedAt + endedAt) / 2 - (date + 500);
  return { status: statusCode, text: Buffer.concat(chunks).toString('utf8'), aheadMs };
}

function unreached({ host, href }: URL, code: string, env: NodeJS.ProcessEnv): Finding {
  const failed = (what: string, action: string): Finding => finding('entra.reach', 'failed', what, { action });
  const proxy = proxyFor(new URL(href), env)?.host;
  const fault = certificateFault(code);
  if (fault === 'authority')
    return failed(
      `The certificate of ${host} comes from an authority that the agent does not know (${code}).`,
      'Name the file of that authority in WorkIQ__CaFile, for example of a proxy that looks into TLS.',
    );
  if (fault === 'validity')
    return failed(
      `The certificate of ${host} is not valid (${code}).`,
      "Check the agent's clock, and what stands between it and the internet.",
    );
  if (proxy !== undefined)
    return failed(
      `${host} cannot be reached through the proxy ${proxy} (${code}).`,
      `Have the proxy let the agent through to ${host}, or correct HTTPS_PROXY and NO_PROXY.`,
    );
  if (/^(?:ENOTFOUND|EAI_)/.test(code))
    return failed(
      `The name ${host} is not known where the agent runs (${code}).`,
      'Check the name service of the cluster (NetworkPolicy included) and WorkIQ__Authority.',
    );
  return failed(
    `${host} cannot be reached (${code}).`,
    `Let the agent out to ${host}: NetworkPolicy, firewall, proxy. The sign-in is kept meanwhile.`,
  );
}

function strange({ host, href }: URL, status: number, env: NodeJS.ProcessEnv): Finding {
  const through = proxyFor(new URL(href), env) === undefined ? '' : ' (through a proxy)';
  const isOutage = status >= 500 || status === 429;
  return finding(
    'entra.reach',
    'failed',
    `${host}${through} answers HTTP ${status}, without the metadata of a tenant.`,
    {
      action: isOutage
        ? 'Wait: the agent tries again by itself and keeps the sign-in. Microsoft tells of outages at https://status.cloud.microsoft.'
        : 'Check WorkIQ__Authority, and whether a proxy or a portal answers in place of Entra.',
    },
  );
}

function checkTenant(issuer: string, { tenantId, authority }: EntraCheckOptions): Finding {
  if (issuer.toLowerCase().includes(tenantId.toLowerCase()))
    return finding('entra.tenant', 'ok', `The tenant ${tenantId} is there.`);
  return finding(
    'entra.tenant',
    'failed',
    `${authority} is of another tenant (${plainLine(issuer, 200)}) than ${tenantId}.`,
    {
      fault: 'configuration',
      action: 'Correct WorkIQ__Authority or WorkIQ__TenantId.',
    },
  );
}

function refusedTenant(
  { error, error_description: description }: z.infer<typeof refusalSchema>,
  { tenantId }: EntraCheckOptions,
): Finding {
  const number = aadstsOf(description);
  return finding(
    'entra.tenant',
    'failed',
    `Entra does not know the tenant ${tenantId} (${plainLine(number ?? error, 60)}).`,
    {
      fault: 'configuration',
      action:
        'Correct WorkIQ__TenantId: the GUID stands in the Entra admin center under Overview. In a sovereign cloud, set WorkIQ__Authority, too.',
    },
  );
}

function checkClock(aheadMs: number | undefined): Finding {
  if (aheadMs === undefined) return finding('entra.clock', 'skipped', 'The answer of Entra names no time.');
  const what = `The clock of the agent is ${skewText(aheadMs)}.`;
  const off = Math.abs(aheadMs);
  const action = 'Have the clock of the node set by NTP.';
  if (off > failedSkewMs) return finding('entra.clock', 'failed', what, { action });
  if (off > warnSkewMs) return finding('entra.clock', 'warning', what, { action });
  return finding('entra.clock', 'ok', 'The clocks agree.');
}

function afterwards(why: string): Finding[] {
  return skipped(['entra.tenant', 'entra.clock'], why);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
