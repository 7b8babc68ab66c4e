// What can go wrong between the agent and an MCP server, by what it says about whether the call was run. Local to the bridge.

/** The request never left, so the call was not run. */
export class NotSentError extends Error {}

/** The request was sent and no usable answer came back: the call may have been run. */
export class AnswerLostError extends Error {}

/** The server answered `null`, which Work IQ does for a missing permission, a policy, a wrong path or a timeout of its own. */
export class NullResultError extends Error {}

/** The server does not know the session any more. */
export class SessionLostError extends Error {
  readonly provesNotRun: boolean;

  constructor(provesNotRun: boolean) {
    super('The server does not know the session any more.');
    this.provesNotRun = provesNotRun;
  }
}

export class HttpStatusError extends Error {
  readonly status: number;
  /** The first 8 kB of the body. */
  readonly body: string;
  readonly retryAfter: string | undefined;
  readonly requestId: string | undefined;

  constructor(
    status: number,
    body: string,
    details: { retryAfter?: string | undefined; requestId?: string | undefined } = {},
  ) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
    this.retryAfter = details.retryAfter;
    this.requestId = details.requestId;
  }
}

export class JsonRpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(error: { code: number; message: string; data?: unknown }, options?: ErrorOptions) {
    super(error.message, options);
    this.code = error.code;
    this.data = error.data;
  }
}
