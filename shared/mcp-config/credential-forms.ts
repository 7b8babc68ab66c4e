// Tells credentials from other text by the name they stand under and by their look; it knows no places of mcp.json.
import { redact } from '../redaction.ts';
import { withoutPlaceholders } from './expand-variables.ts';

/** Words of a name that mean a credential: `GITHUB_TOKEN`, `apiKey`; not `MAX_TOKENS`. */
const credentialWords =
  /(?:^|_)(?:[a-z]*token|tok|secret|passw(?:or)?d|passphrase|pat|pwd|[a-z]*api_?key|credentials?|(?:private|access|account|secret|shared|subscription|encryption|signing)_?(?:access_)?key|connection_?string)(?:_|$)/i;
/** Words that mean one only at the end: `PROXY_AUTH`; not `JWT_ISSUER`, `AUTH_MODE`. */
const lastCredentialWord = /(?:^|_)(?:auth|authorization|pass|sas|jwt|bearer|cookie)$/i;
/** Names that end like this say where a credential is, or something about it, and do not hold it. */
const aboutCredential =
  /_(?:file|path|dir|name|id|url|uri|endpoint|type|method|mode|scheme|provider|profile|audience|issuer|algorithm|version|ttl|expiry|lifetime|length|size|format|cache|store|env|count|limit|header|scopes?|enabled)$/i;
const credentialHeader =
  /^(?:(?:proxy-)?authori[sz]ation|cookie|(?:.+-)?api-?key|key|ocp-apim-subscription-key|(?:.+-)?(?:token|secret|password|auth|authentication|credentials?)|x-.*(?:key|pass|pwd|tok))$/i;

/** A name of an environment variable, a flag or a member of an object. */
export function isCredentialName(name: string): boolean {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll(/[-.]/g, '_');
  return (credentialWords.test(words) && !aboutCredential.test(words)) || lastCredentialWord.test(words);
}

export function isCredentialHeader(name: string): boolean {
  return credentialHeader.test(name);
}

/** A parameter of a query. */
export function isCredentialParameter(name: string): boolean {
  return (
    /^(?:code|key|sig|signature|x-amz-(?:signature|credential|security-token))$/i.test(name) || isCredentialName(name)
  );
}

/** What switches something rather than being a secret. */
const settingValue = /^(?:|true|false|yes|no|on|off|none|null|auto|required|optional|enabled|disabled|[01])$/i;

/** Whether a text in the place of a credential holds one itself, rather than only variables and what frames them. */
export function holdsLiteral(value: string): boolean {
  if (settingValue.test(value.trim())) return false;
  const written = value
    // `session=${SESSION}`, `token="${TOKEN}"`
    .replace(/[\w.-]{1,64}=(?=["']?\$\{)/g, '')
    .replace(/^\s*[A-Za-z][A-Za-z-]{1,14}\s+(?=\S*\$\{)/, '');
  const literal = withoutPlaceholders(written);
  // A prefix such as "key-" is not the secret part of a value.
  return literal === value || literal.replace(/[^A-Za-z0-9]/g, '').length >= 6;
}

/** Whether what stands beside the variables has the form of a credential, whatever its name. */
export function looksLikeCredential(value: string): boolean {
  const written = withoutPlaceholders(value);
  return redact(written) !== written;
}

/** Whether a whole value is nothing but random characters: 32 hexadecimal digits or more, or a mix of all kinds. */
export function isOpaque(value: string): boolean {
  const written = withoutPlaceholders(value).replace(/=+$/, '');
  if (/^[0-9a-f]{32,}$/i.test(written)) return true;
  if (!/^[\w+/~-]{20,}$/.test(written) || !/[a-z]/.test(written) || !/[A-Z]/.test(written) || !/\d/.test(written))
    return false;
  // Words change less often between small and capital letters and digits than random characters do.
  const changes = written.match(/[a-z](?=[A-Z\d])|[A-Z](?=\d)|[A-Z](?=[a-z])|\d(?=[A-Za-z])/g)?.length ?? 0;
  return changes >= written.length / 3;
}

/** A name whose value is often long and random without being secret: ids, hashes, versions, tracing. */
export function isIdName(name: string): boolean {
  return /(?:id|guid|uuid|hash|sha\d*|sha|digest|checksum|commit|revision|rev|ref|version|tag|etag|tenant|client|cursor|trace\w*)$/i.test(
    name,
  );
}

/** A place rather than what is in it: a file, or an address or connection string without a credential. */
export function isHarmlessValue(value: string): boolean {
  return isFilePath(value) || isOpenAddress(value) || isOpenConnectionString(value);
}

function isFilePath(value: string): boolean {
  if (/^(?:~|\.{1,2})?[/\\](?:[\w.@ -]+[/\\])*[\w.@ -]+\.[a-z]{2,10}$/i.test(value)) return true;
  if (/^[A-Za-z]:[/\\]|^~[/\\]|^\.{1,2}[/\\]/.test(value)) return true;
  return /^[/\\](?:home|users|etc|opt|var|run|path|root|usr|mnt|tmp|app|data|secrets?|srv|workspaces?|config)[/\\]/i.test(
    value,
  );
}

/** What stands in the address is looked at by its form. */
function isOpenAddress(value: string): boolean {
  return (
    /^(?!https?:)[a-z][a-z0-9+.-]{1,30}:\/\/(?:[^\s:@/]*@)?[^\s@]*$|^https?:\/\/[^\s@]*$/i.test(value) &&
    !/[?&;](?:[\w-]*(?:key|token|sig|secret|pass\w*|pwd))=/i.test(value)
  );
}

/** `Server=…;Database=…;Trusted_Connection=True` */
function isOpenConnectionString(value: string): boolean {
  const parts = value.split(/[;\s]+/).filter((part) => part !== '');
  if (parts.length < 2 || !parts.every((part) => /^[A-Za-z][\w ]*=/.test(part) || !part.includes('='))) return false;
  const names = parts.filter((part) => part.includes('=')).map((part) => part.slice(0, part.indexOf('=')));
  return names.length >= 2 && !names.some((name) => /pass|pwd|key$|secret|sig|token/i.test(name));
}
