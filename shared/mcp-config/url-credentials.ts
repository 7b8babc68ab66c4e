// Finds credentials in an address: in its query or fragment, before "@", and in its path.
import { isCredentialParameter, isOpaque } from './credential-forms.ts';
import { findForms, findInValue, literalOf, type TextFinding } from './credential-text.ts';

export interface UrlFinding extends TextFinding {
  where: 'query' | 'login' | 'path';
  /** Of the parameter, or of what it is. */
  name: string;
}

/** Offsets in the whole address. */
export function* findInUrl(url: string): Generator<UrlFinding> {
  const end = /[?&#]|$/.exec(url)?.index ?? url.length;
  for (const { 0: parameter, index } of url.slice(end).matchAll(/[^?&#]+/g)) {
    const [name = '', ...rest] = parameter.split('=');
    const value = rest.join('=');
    const at = end + index + (rest.length === 0 ? 0 : name.length + 1);
    for (const found of findInValue(name, rest.length === 0 ? parameter : value, isCredentialParameter))
      yield { ...found, start: at + found.start, end: at + found.end, where: 'query', name };
  }
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0] ?? '';
  const address = url.slice(0, end);
  const login = /^[^/?#]*@/.exec(address.slice(scheme.length))?.[0];
  if (scheme !== '' && login !== undefined)
    yield {
      start: scheme.length,
      end: scheme.length + login.length,
      kind: 'url_password',
      what: 'a user name or password in a URL',
      isPlaceholder: false,
      where: 'login',
      name: 'password',
    };
  for (const { 0: segment, index } of address.slice(scheme.length).matchAll(/[^/]+/g)) {
    const at = scheme.length + index;
    if (index === 0) continue;
    const found =
      findForms(segment)[0] ?? (isOpaque(segment) ? literalOf(segment, 'opaque', 'a random key') : undefined);
    if (found !== undefined)
      yield { ...found, start: at + found.start, end: at + found.end, where: 'path', name: 'key' };
  }
}
