// Finds what can be followed in a text: links that a body had, and addresses that stand in it as words.
import { markedLink, withoutLinkMarks } from './link-marks.ts';
import { safeLink } from './safe-link.ts';

export interface LinkPart {
  text: string;
  /** Undefined for what is no link. */
  href: string | undefined;
}

export function linkParts(text: string): LinkPart[] {
  return pieces(text, markedLink, ([, words = '', address = '']) => markedParts(words, address)).flatMap((part) =>
    part.href === undefined ? plainParts(withoutLinkMarks(part.text)) : [part],
  );
}

/** Words that look like another address than the one they lead to do not stand alone. */
function markedParts(words: string, address: string): LinkPart[] {
  const href = safeLink(address);
  if (href === undefined) return [{ text: words, href: undefined }];
  const named = /(?:^|[\s/@])((?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24})(?:[/:?#\s]|$)/u.exec(words)?.[1];
  const host = href.startsWith('mailto:') ? (href.split('@')[1] ?? '') : new URL(href).hostname;
  const isHonest = named === undefined || host.toLowerCase().endsWith(named.toLowerCase().replace(/^www\./, ''));
  return isHonest
    ? [{ text: words, href }]
    : [
        { text: `${words} <`, href: undefined },
        { text: href, href },
        { text: '>', href: undefined },
      ];
}

function plainParts(text: string): LinkPart[] {
  if (!text.includes('://')) return [{ text, href: undefined }];
  return pieces(text, /\bhttps?:\/\/[^\s<>"'`|\\^{}]{1,2000}/g, ([found]) => {
    // What ends the sentence is no part of the address.
    const address = found.replace(/[.,;:!?)\]]{1,8}$/, '');
    return [
      { text: address, href: safeLink(address) },
      { text: found.slice(address.length), href: undefined },
    ];
  });
}

function pieces(text: string, pattern: RegExp, toParts: (match: RegExpExecArray) => LinkPart[]): LinkPart[] {
  const parts: LinkPart[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push({ text: text.slice(end, match.index), href: undefined }, ...toParts(match));
    end = match.index + match[0].length;
  }
  parts.push({ text: text.slice(end), href: undefined });
  return parts.filter((part) => part.text !== '');
}
