/** A throw-away CA and a server certificate for this machine's loopback names; it must not know what is served with them. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificate {
  /** PEM of the CA; what a client trusts. */
  ca: string;
  /** PEM of the server's key and certificate. */
  key: string;
  cert: string;
}

const CURVE = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

export async function createCertificate(caName = 'Entra simulator test CA'): Promise<Certificate> {
  const ca = await generate([{ name: 'commonName', value: caName }], {
    ...CURVE,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const leaf = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...CURVE,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { ca: ca.cert, key: leaf.private, cert: leaf.cert };
}

/** Reads the certificate kept in `directory`, or makes and keeps one there, so that a restart is trusted by the same clients. */
export async function loadOrCreateCertificate(directory: string): Promise<Certificate> {
  const file = (name: string) => join(directory, name);
  if (existsSync(file('ca.pem')) && existsSync(file('key.pem')) && existsSync(file('cert.pem'))) {
    const [ca, key, cert] = await Promise.all(
      ['ca.pem', 'key.pem', 'cert.pem'].map((name) => readFile(file(name), 'utf8')),
    );
    return { ca: ca ?? '', key: key ?? '', cert: cert ?? '' };
  }
  const certificate = await createCertificate();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(file('key.pem'), certificate.key, { mode: 0o600 });
  await writeFile(file('cert.pem'), certificate.cert);
  await writeFile(file('ca.pem'), certificate.ca);
  return certificate;
}
