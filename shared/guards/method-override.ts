// Where a call can say, beside its tool, by which method or with which headers its request is sent. It knows no paths and no
// rules. Names are in the spelling of `memberName`.
import { memberName } from './member-name.ts';
import { decoded } from './segment-text.ts';

/** Characters in which the name of such a header must have ended. */
const maxHeaderName = 100;
const overrideName = /^x(?:http)?method(?:override)?$/;

/** A header that turns a request into another one. */
export function isOverride(name: string): boolean {
  return overrideName.test(name);
}

/** It stands in a list: `["X-HTTP-Method-Override", "POST"]`, `{ "name": "X-HTTP-Method-Override", … }`, or as a line. */
export function beginsWithOverride(text: string): boolean {
  return isOverride(memberName(text.slice(0, maxHeaderName).split(/[:=]/, 1)[0] ?? ''));
}

/** `method`, `httpMethod`, `verb` */
export function isMethodName(name: string): boolean {
  return /(?:method|verb)(?:name|override)?$/.test(name);
}

export function isHeaders(name: string): boolean {
  return /headers?$/.test(name);
}

/** Names with one text each, which nobody can read as another header. */
export function areClearHeaders(headers: unknown): boolean {
  if (headers === null || headers === undefined || headers === '') return true;
  if (typeof headers !== 'object' || Array.isArray(headers)) return false;
  return Object.values(headers).every(
    (value) =>
      (typeof value === 'string' && !/[\r\n\0]/.test(value)) || typeof value === 'number' || typeof value === 'boolean',
  );
}

/** `?_method=POST`, as some frameworks take it. */
export function hasMethodInQuery(url: string): boolean {
  const [, ...query] = url.split('?');
  return query
    .join('&')
    .split(/[&#;]/)
    .some((parameter) => {
      const name = memberName(decodedOr(parameter.split('=', 1)[0] ?? ''));
      return isOverride(name) || /^(?:http)?method(?:override)?$/.test(name);
    });
}

/** What cannot be decoded makes its path unclear anyway. */
function decodedOr(text: string): string {
  try {
    return decoded(text);
  } catch {
    return text;
  }
}
