// A NATS operator, account and user as JWTs, and the user's .creds file, as `nsc` would make them.
// Source: the NATS JWT format, version 2 (docs.nats.io, "JWT authentication").
import { createHash } from 'node:crypto';
import { createAccount, createOperator, createUser, type KeyPair } from '@nats-io/nkeys';

export interface OperatorMode {
  /** For the server's configuration. */
  configText: string;
  /** Content of the user's .creds file. */
  creds: string;
  /** Public nkey of the user. */
  user: string;
}

export function createOperatorMode(): OperatorMode {
  const operator = createOperator();
  const account = createAccount();
  const user = createUser();
  const operatorJwt = sign(operator, operator, 'operator', { type: 'operator' });
  const unlimited = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const accountJwt = sign(operator, account, 'account', { type: 'account', limits: unlimited });
  const userJwt = sign(account, user, 'user', { type: 'user', subs: -1, data: -1, payload: -1, pub: {}, sub: {} });
  return {
    configText: `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload: { ${account.getPublicKey()}: ${accountJwt} }`,
    creds: [
      '-----BEGIN NATS USER JWT-----',
      userJwt,
      '------END NATS USER JWT------',
      '',
      '-----BEGIN USER NKEY SEED-----',
      new TextDecoder().decode(user.getSeed()),
      '------END USER NKEY SEED------',
      '',
    ].join('\n'),
    user: user.getPublicKey(),
  };
}

function sign(issuer: KeyPair, subject: KeyPair, name: string, nats: object): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    name,
    sub: subject.getPublicKey(),
    nats: { ...nats, version: 2 },
  };
  const jti = createHash('sha256').update(JSON.stringify(claims)).digest('hex');
  const input = `${encode({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encode({ jti, ...claims })}`;
  return `${input}.${Buffer.from(issuer.sign(Buffer.from(input))).toString('base64url')}`;
}
