// Whether a request may pass: its token, what it accepts, its protocol version, its session. Writes the refusals itself.
import type { Identity } from '../auth.ts';
import { challenge, claimsChallenge, INVALID_AUDIENCE } from '../discovery.ts';
import type { Endpoint, World } from './endpoint.ts';
import { VERSIONS, type Exchange } from './exchange.ts';
import { SESSION_NOT_FOUND } from './fault-answers.ts';
import { rpcError } from './framing.ts';

/** Checks the token and answers 401 or 403 itself; undefined then. */
export async function admit({ world, endpoint, request, reply, session }: Exchange): Promise<Identity | undefined> {
  const verdict = await world.verify(request.headers.authorization, endpoint.grants);
  switch (verdict.outcome) {
    case 'ok':
      if (!isForeignSession(world, session, request.headers.authorization)) return verdict.identity;
      reply.sendHttp(401, '', { 'www-authenticate': challenge(world.origin, endpoint.path) });
      return undefined;
    case 'missing-scope':
      reply.sendHttp(
        403,
        endpoint.kind === 'unified'
          ? `Required scopes = [${verdict.scope}]`
          : `Access denied: Scope '${verdict.scope}' is not present in the request.`,
      );
      return undefined;
    case 'claims-required':
      reply.sendHttp(401, '', { 'www-authenticate': claimsChallenge(verdict.claims) });
      return undefined;
    default: {
      const isForeign = verdict.outcome === 'wrong-audience' && endpoint.kind === 'catalogue';
      reply.sendHttp(401, '', {
        'www-authenticate': isForeign ? INVALID_AUDIENCE : challenge(world.origin, endpoint.path),
      });
      return undefined;
    }
  }
}

function isForeignSession(world: World, session: string | undefined, authorization: string | undefined): boolean {
  if (session === undefined || !world.settings().bindsSessions || !world.sessions.has(session)) return false;
  return !world.sessions.beganWith(session, authorization);
}

export function handshakeRefusal({
  world,
  endpoint,
  request,
  session,
}: Exchange): { status: number; body: object } | undefined {
  const accept = request.headers.accept ?? '';
  const acceptsBoth =
    accept.includes('*/*') || (accept.includes('application/json') && accept.includes('text/event-stream'));
  if (!acceptsBoth) {
    const text = 'Not Acceptable: Client must accept both application/json and text/event-stream';
    return { status: 406, body: rpcError(null, -32000, text) };
  }
  const version = request.headers['mcp-protocol-version'];
  if (version !== undefined && !VERSIONS.includes(String(version))) {
    return {
      status: 400,
      body: rpcError(null, -32000, `Bad Request: The MCP-Protocol-Version header value '${version}' is not supported.`),
    };
  }
  if (session !== undefined && !knowsSession(world, endpoint, session)) return { status: 404, body: SESSION_NOT_FOUND };
  return undefined;
}

export function knowsSession(world: World, endpoint: Endpoint, session: string): boolean {
  return endpoint.kind === 'unified' && world.settings().sessions && world.sessions.has(session);
}
