// Milliseconds that the SDK waits for an answer: a signal bounds each request, and the SDK's own limit must not come first.
export const noTimeout = 2_147_483_647;
