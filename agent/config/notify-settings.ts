// The settings of the operator's webhook; what is wrong with them stops the start.
import { isLoopbackHost } from '../../shared/origin.ts';
import type { Secret } from '../../shared/secret.ts';
import { parseWebhookSecret } from '../webhook/webhook-signature.ts';
import type { SettingReader } from './setting-reader.ts';

export interface WebhookSettings {
  url: URL;
  secret: Secret;
}

const urlName = 'Notify__WebhookUrl';
const secretName = 'Notify__WebhookSecretFile';

/** Undefined without a webhook. The address is never quoted: its path or query may be what keeps it secret. */
export function readWebhook(reader: SettingReader): WebhookSettings | undefined {
  const address = reader.optional(urlName);
  const content = reader.content(secretName, { isSecret: true });
  const hasSecretFile = reader.optional(secretName) !== undefined;
  for (const name of [urlName, secretName]) {
    if (reader.isBlank(name)) reader.problems.push(`${name} is empty: give it a value, or leave it out.`);
  }
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  if (address !== undefined) {
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
    if (url === undefined || !isSafe)
      reader.problems.push(
        `${urlName} is no https:// address; http:// is taken for this machine only (127.0.0.1, localhost).`,
      );
    else if (url.username !== '' || url.password !== '')
      reader.problems.push(`${urlName} holds a user name or password: the receiver checks the signature instead.`);
    if (!hasSecretFile)
      reader.problems.push(
        `${secretName} is missing: name a file with the secret that messages are signed with, for example made by: (umask 077; echo "whsec_$(openssl rand -base64 32)" > webhook-secret).`,
      );
  } else if (hasSecretFile) reader.problems.push(`${secretName} is set without ${urlName}: say where messages go.`);
  const secret = content === undefined ? undefined : parseWebhookSecret(content.toString('utf8'));
  if (content !== undefined && secret === undefined)
    reader.problems.push(
      `${secretName} holds no webhook secret: use "whsec_" and the base64 of 24 to 64 random bytes.`,
    );
  return url === undefined || secret === undefined ? undefined : { url, secret };
}
