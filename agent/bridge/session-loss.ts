// How servers say that they do not know a session any more: the protocol wants 404, and many say something else.

/** Whether the answer to a request that named a session says that the session is gone. */
export function isSessionLoss(status: number, body: string): boolean {
  if (status === 404 || status === 410) return true;
  // Frameworks answer 400 without a word, or in their own; what is wrong with arguments is no matter of HTTP in MCP.
  return status === 400 && (body.trim() === '' || speaksOfSession(body));
}

export function speaksOfSession(text: string): boolean {
  return /session|not initiali[sz]ed/i.test(text);
}
