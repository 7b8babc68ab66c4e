// What both sign-in flows are given by whoever starts them; it holds no behaviour.
import type { EntraHttp } from './entra-http.ts';

export interface SignInPorts {
  http: EntraHttp;
  /** Abort with a `RockBotError` to say why; anything else reads as cancelled. */
  signal?: AbortSignal | undefined;
}
