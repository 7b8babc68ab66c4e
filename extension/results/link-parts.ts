// Finds the addresses in plain text, so that they can be followed.
import { safeLink } from './safe-link.ts';

export interface LinkPart {
  text: string;
  isLink: boolean;
}

export function linkParts(text: string): LinkPart[] {
  if (!text.includes('://')) return [{ text, isLink: false }];
  const parts: LinkPart[] = [];
  let end = 0;
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"'`|\\^{}]{1,2000}/g)) {
    // What ends the sentence is no part of the address.
    const address = match[0].replace(/[.,;:!?)\]]{1,8}$/, '');
    if (safeLink(address) === undefined) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), isLink: false });
    parts.push({ text: address, isLink: true });
    end = match.index + address.length;
  }
  if (end < text.length || parts.length === 0) parts.push({ text: text.slice(end), isLink: false });
  return parts;
}
