// The certificate authorities to trust for TLS: Node's own and one of the operator.
import { rootCertificates } from 'node:tls';
import * as tls from 'node:tls';

/** A value for the `ca` option of node:tls, which replaces the defaults, so that these are repeated in it. */
export function trustedCertificates(extraPem: string): string[] {
  // From Node 22.15 on; it holds NODE_EXTRA_CA_CERTS too.
  const defaults = 'getCACertificates' in tls ? tls.getCACertificates('default') : rootCertificates;
  return [...defaults, extraPem];
}
