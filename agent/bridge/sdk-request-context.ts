// What holds for the requests that the SDK's transports make while something runs: they take nothing for a single request. It
// knows no SDK.
import { AsyncLocalStorage } from 'node:async_hooks';

export interface SdkRequestContext {
  /** Of a POST. */
  traceHeaders?: Readonly<Record<string, string>> | undefined;
  /** False when a 401 is the last word: no fresh bearer is fetched for the request. */
  mayRefresh?: boolean | undefined;
}

const context = new AsyncLocalStorage<SdkRequestContext>();

export function withRequestContext<T>(own: SdkRequestContext, run: () => T): T {
  return context.run({ ...context.getStore(), ...own }, run);
}

export function requestContext(): SdkRequestContext {
  return context.getStore() ?? {};
}
