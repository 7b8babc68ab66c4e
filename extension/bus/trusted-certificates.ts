// The certificate authorities to trust for TLS: Node's own and further ones of the operator; it opens no connection.
import { rootCertificates } from 'node:tls';
import * as tls from 'node:tls';

/**
 * A value for the `ca` option of node:tls, which replaces the defaults: so these are repeated in it. Undefined when there
 * is nothing to add.
 */
export function trustedCertificates(extraPem: string | undefined): string[] | undefined {
  if (extraPem === undefined || extraPem.trim() === '') return undefined;
  // From Node 22.15 on; it holds NODE_EXTRA_CA_CERTS and the system's store if Node was told to use it.
  const defaults = 'getCACertificates' in tls ? tls.getCACertificates('default') : rootCertificates;
  return [...defaults, extraPem];
}
