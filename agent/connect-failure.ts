// Why a connection failed, by the code that the system or OpenSSL gives it. It knows neither bus nor sign-in service.

/** For example `ECONNREFUSED`, `CERT_HAS_EXPIRED` or `timeout`; the innermost code wins over undici's own. */
export function failureCodeOf(error: unknown): string | undefined {
  const codes: string[] = [];
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    const { code, name } = current as { code?: unknown; name: string };
    if (typeof code === 'string') codes.push(code);
    else if (name === 'TimeoutError') codes.push('timeout');
    current = current.cause;
  }
  return codes.find((code) => !code.startsWith('UND_ERR')) ?? codes[0];
}

/** What is wrong with the certificate: its authority is not known here, or it is not valid for this host or time. */
export function certificateFault(code: string | undefined): 'authority' | 'validity' | undefined {
  if (code === undefined) return undefined;
  if (/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|ALTNAME|CERT_REVOKED/.test(code)) return 'validity';
  return /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY|DECRYPT|DECODE)/.test(code) ? 'authority' : undefined;
}
