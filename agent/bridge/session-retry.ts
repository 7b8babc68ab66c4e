// What is sent once more in a new session, and what never is. It knows neither the state of a server nor how sessions are opened.
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { RefusedBearerError } from './bearer.ts';
import { AnswerLostError, NotSentError, SessionLostError } from './call-errors.ts';
import type { CallResult } from './call-result.ts';
import type { McpSession, SessionCall } from './mcp-session.ts';
import { withRequestContext } from './sdk-request-context.ts';
import type { ServerContent } from './server-content.ts';
import type { SessionRenewal } from './session-renewal.ts';

export interface SessionKeeper {
  server: string;
  /** Requests over HTTP are told of one by one, where they are sent. */
  isHttp: boolean;
  /** Waits for a connect under way. Throws RockBotError when the server cannot be called, or the signal's reason. */
  open: (signal: AbortSignal) => Promise<McpSession>;
  /** The session is gone; one that is not in use any more is left alone. */
  lost: (session: McpSession, error: Error) => void;
  /** Whether a new session may help against a refused bearer. */
  renewal: Pick<SessionRenewal, 'mayHelp' | 'failed'>;
}

/**
 * One more try for a session that the server forgot or refuses the bearer for, and for a read whose answer was lost; never for what
 * may have been run and may have side effects (promise P10). Throws what the session throws.
 */
export async function callInSession(
  keeper: SessionKeeper,
  call: SessionCall,
  sideEffects: 'read' | 'write',
): Promise<CallResult> {
  const session = await keeper.open(call.signal);
  try {
    return await send(keeper, session, call);
  } catch (error) {
    // The error itself and not one that it caused: a stream that was taken up again in vain may belong to a call that was run.
    if (error instanceof RefusedBearerError && mayRenew(keeper, session, error))
      return sendInNewSession(keeper, session, call);
    if (error instanceof NotSentError || error instanceof SessionLostError) keeper.lost(session, error);
    if (!mayRepeat(error, sideEffects)) throw error;
    const next = await keeper.open(call.signal);
    call.observer?.retried(error instanceof SessionLostError ? 'session_lost' : 'answer_lost');
    return send(keeper, next, call);
  }
}

function mayRenew({ renewal }: SessionKeeper, session: McpSession, error: unknown): boolean {
  return session.failure(error).session === 'refused' && renewal.mayHelp;
}

/** A bearer that is refused proves that nothing was run, also for a possible write. */
async function sendInNewSession(keeper: SessionKeeper, refused: McpSession, call: SessionCall): Promise<CallResult> {
  keeper.lost(refused, new SessionLostError(true));
  const next = await keeper.open(call.signal);
  call.observer?.retried('session_lost');
  try {
    // It was opened with the bearer that is fresh already.
    return await send(keeper, next, { ...call, mayRefresh: false });
  } catch (error) {
    if (next.failure(error).session === 'refused') keeper.renewal.failed();
    throw error;
  }
}

function mayRepeat(error: unknown, sideEffects: 'read' | 'write'): boolean {
  if (error instanceof SessionLostError) return sideEffects === 'read' || error.provesNotRun;
  return error instanceof AnswerLostError && sideEffects === 'read';
}

async function send({ isHttp }: SessionKeeper, session: McpSession, call: SessionCall): Promise<CallResult> {
  if (isHttp) return session.call(call);
  const sending = call.observer?.sending();
  try {
    const result = await session.call({ ...call, trace: sending?.headers });
    sending?.answered();
    return result;
  } catch (error) {
    sending?.failed(error);
    throw error;
  }
}

/**
 * Reads something beside tools; once more in a new session when this one is lost, since reading changes nothing. `what`: for
 * messages. Throws RockBotError, or the signal's reason.
 */
export async function readInSession<T>(
  keeper: SessionKeeper,
  { run, what, signal }: { run: (content: ServerContent) => Promise<T>; what: string; signal: AbortSignal },
): Promise<T> {
  let isRenewed = false;
  for (let attempt = 1; ; attempt++) {
    const session = await keeper.open(signal);
    try {
      return await withRequestContext({ mayRefresh: !isRenewed }, () => session.read(run));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const failure = session.failure(error).session;
      if (failure === 'refused' && isRenewed) keeper.renewal.failed();
      isRenewed = attempt === 1 && mayRenew(keeper, session, error);
      if (failure === 'forgotten' || isRenewed) keeper.lost(session, new SessionLostError(true));
      if (!(failure === 'forgotten' || isRenewed) || attempt > 1) throw await describe(error, keeper.server, what);
    }
  }
}

async function describe(error: unknown, server: string, what: string): Promise<RockBotError> {
  const { readError } = await import('./read-error.ts');
  return readError(error, { server, what });
}
