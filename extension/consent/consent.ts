// All that a sign-in needs, as one bundle of its own (dist/consent.cjs) that is loaded at the first sign-in.
export { signInWithBrowser } from './browser-flow.ts';
export { signInWithDeviceCode } from './device-code-flow.ts';
export { createEntraHttp } from './entra-http.ts';
export { handOff } from './hand-off.ts';
