// NATS's error codes that mean refused credentials, known only as text.

const authCodes = new Set([
  'AUTHORIZATION_VIOLATION',
  'AUTHENTICATION_EXPIRED',
  'AUTHENTICATION_TIMEOUT',
  'ACCOUNT_EXPIRED',
  'BAD_AUTHENTICATION',
  'BAD_CREDS',
]);

export function isBusAuthCode(code: unknown): code is string {
  return typeof code === 'string' && authCodes.has(code);
}
