// What a server's error says to a person: on one line, the text of HTML without its markup, without characters that deceive,
// redacted and bounded.
import { plainLine } from '../../shared/plain-text.ts';

/** Characters that are looked at, and those of a page that are kept. */
const lookedAt = 8_192;
const pageLength = 300;

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** At most `length` characters, of a page at most 300; empty when it says nothing. */
export function saidText(text: string, length: number): string {
  const isPage = /<(?:!doctype|html|head|title|body|center|div|h[1-6]|pre|p)\b/i.test(text.slice(0, lookedAt));
  return isPage ? plainLine(textOfPage(text), Math.min(length, pageLength)) : plainLine(text, length);
}

function textOfPage(html: string): string {
  return html
    .slice(0, lookedAt)
    .replace(/<!--[\s\S]*?(?:-->|$)/g, ' ')
    .replace(/<(script|style|svg)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, ' ')
    .replace(/<[^<>]*(?:>|$)/g, ' ')
    .replace(/&(?:#(\d{1,6})|(\w{2,6}));/g, (whole, code: string | undefined, name: string | undefined) =>
      code === undefined ? (entities[name ?? ''] ?? whole) : String.fromCodePoint(Math.min(Number(code), 0x10_ff_ff)),
    )
    .replace(/\s+/g, ' ')
    .trim();
}
