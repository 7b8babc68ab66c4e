/** The TLS face: routes requests to the endpoints, injects faults and keeps the log; it must not know the endpoints' rules. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { aadsts, EntraError, errorBody } from './aadsts.ts';
import { AADSTS_CODES } from './aadsts-catalogue.ts';
import { authorize } from './authorize-endpoint.ts';
import { enterUserCode, requestDeviceCode, showDeviceLogin } from './device-login.ts';
import { instanceDiscovery, openIdConfiguration } from './discovery.ts';
import type { EntraState } from './entra-state.ts';
import { faultOutcome } from './faults.ts';
import type { Interactions } from './interactions.ts';
import { donePage, errorPage } from './pages.ts';
import { parameters, readBody, replyJson, send } from './reply.ts';
import type { Reply } from './reply.ts';
import { readAuthority } from './tenancy.ts';
import { grantTokens, grantTypeName } from './token-endpoint.ts';
import { matchRoute } from './routes.ts';
import type { Route } from './routes.ts';

interface Exchange {
  route: Route;
  method: string;
  form: Record<string, string>;
  cookie: string | undefined;
  correlationId: string;
}

interface Outcome {
  answer: Reply;
  outcome: string;
  aadsts?: number | undefined;
  user?: string | undefined;
}

export function createRequestHandler(state: EntraState, interactions: Interactions) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    handle(state, interactions, request, response).catch((error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (!response.headersSent) send(response, replyJson(500, { message: 'the simulator failed', detail: text }));
    });
  };
}

async function handle(
  state: EntraState,
  interactions: Interactions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { settings, log, faults } = state;
  const url = new URL(request.url ?? '/', state.origin);
  const route = matchRoute(url.pathname);
  const body = await readBody(request);
  const form = {
    ...parameters(url.searchParams),
    ...(request.method === 'POST' ? parameters(new URLSearchParams(body)) : {}),
  };
  const correlationId = form['client-request-id'] ?? request.headers['client-request-id']?.toString() ?? randomUUID();
  const exchange = { route, method: request.method ?? 'GET', form, cookie: request.headers.cookie, correlationId };
  const isToken = route.endpoint === 'token';
  if (isToken) log.tokenRequestBegins();
  try {
    if (settings.hang) return record(state, exchange, { outcome: 'hang' });
    if (settings.latencyMs > 0) await delay(settings.latencyMs);
    const fault = faults.take(route.endpoint, grantTypeName(form['grant_type']));
    if (fault?.kind === 'delay') await delay(fault.ms);
    if (fault?.kind === 'hang' || fault?.kind === 'reset') {
      record(state, exchange, { outcome: fault.kind });
      if (fault.kind === 'reset') request.socket.destroy();
      return;
    }
    const forced = fault && faultOutcome(fault);
    const { answer, ...outcome } = perform(state, interactions, exchange, forced);
    const isLost = fault?.kind === 'lost-answer';
    record(state, exchange, isLost ? { ...outcome, outcome: fault.kind } : outcome);
    if (isLost) request.socket.destroy();
    else send(response, withRequestIds(answer, correlationId));
  } finally {
    if (isToken) log.tokenRequestEnds();
  }
}

function perform(
  state: EntraState,
  interactions: Interactions,
  exchange: Exchange,
  forced: EntraError | Reply | undefined,
): Outcome {
  if (forced && !(forced instanceof EntraError)) {
    const outcome = forced.status < 400 ? 'malformed' : `status ${String(forced.status)}`;
    return { answer: forced, outcome };
  }
  try {
    if (forced && exchange.route.endpoint !== 'authorize') throw forced;
    return { outcome: 'ok', ...respond(state, interactions, exchange, forced) };
  } catch (error) {
    if (!(error instanceof EntraError)) throw error;
    const headers: Record<string, string> =
      error.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(error.retryAfterSeconds) };
    const answer = replyJson(error.status, errorBody(error, state.origin, exchange.correlationId), headers);
    return { answer, outcome: error.error, aadsts: error.aadsts };
  }
}

function respond(
  state: EntraState,
  interactions: Interactions,
  { route, method, form, cookie, correlationId }: Exchange,
  forced: EntraError | undefined,
): { answer: Reply; user?: string } {
  const { origin } = state;
  switch (route.endpoint) {
    case 'discovery':
      if (route.tenant === undefined) return { answer: replyJson(200, instanceDiscovery(origin)) };
      return {
        answer: replyJson(200, openIdConfiguration(origin, readAuthority(route.tenant, state.directory), route.tenant)),
      };
    case 'jwks':
      readAuthority(route.tenant, state.directory);
      return { answer: replyJson(200, state.keys.jwks()) };
    case 'token': {
      requirePost(method);
      const { tokens, session } = grantTokens(state, { tenant: route.tenant, form });
      return { answer: replyJson(200, tokens), user: session.user.oid };
    }
    case 'devicecode':
      requirePost(method);
      return { answer: requestDeviceCode(state, route.tenant, form) };
    case 'authorize':
      return { answer: authorize(state, interactions, { tenant: route.tenant, form, cookie, forced }) };
    case 'devicelogin':
      return { answer: method === 'POST' ? enterUserCode(state, interactions, form, cookie) : showDeviceLogin(form) };
    case 'interaction':
      return { answer: interactions.step(route.id, route.step, form) };
    case 'logout': {
      const page = donePage({
        id: 'page-signed-out',
        title: 'You signed out of your account',
        text: 'You may close this window.',
      });
      return { answer: { ...page, headers: { ...page.headers, 'Set-Cookie': state.browserSessions.signOutCookie } } };
    }
    case 'error': {
      const code = AADSTS_CODES.find((known) => String(known) === form['code']);
      if (code === undefined) return { answer: replyJson(404, { message: 'no such error code' }) };
      return { answer: errorPage(aadsts(code), correlationId) };
    }
    case 'other':
      return { answer: replyJson(404, { message: 'not found' }) };
  }
}

function requirePost(method: string): void {
  if (method !== 'POST') throw aadsts(900561, { method });
}

function record(state: EntraState, { route, form }: Exchange, outcome: Omit<Outcome, 'answer'>): void {
  state.log.add({
    endpoint: route.endpoint,
    tenant: 'tenant' in route ? route.tenant : undefined,
    grantType: grantTypeName(form['grant_type']),
    clientId: form['client_id'],
    scope: form['scope'],
    claims: form['claims'],
    loginHint: form['login_hint'],
    prompt: form['prompt'],
    ...outcome,
  });
}

function withRequestIds(answer: Reply, correlationId: string): Reply {
  const headers = { 'x-ms-request-id': randomUUID(), 'client-request-id': correlationId, ...answer.headers };
  return { ...answer, headers };
}
