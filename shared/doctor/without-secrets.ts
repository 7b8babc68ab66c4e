// A finding as it may be shown or sent: a server, a file, a setting, or an agent of whatever version may say anything (promise P6).
import type { Finding } from '../contract/check-messages.ts';
import { redact } from '../redaction.ts';

export function withoutSecrets(found: Finding): Finding {
  const { action } = found;
  return { ...found, what: redact(found.what), ...(action !== undefined && { action: redact(action) }) };
}
