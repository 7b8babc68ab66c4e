// Reads the words out of an HTML mail or message body; for people to read, not for a browser, so nothing in it can act.
// One pass from start to end: what a sender writes must not be able to make reading slow.
import { linkEnd, linkMiddle, linkStart, withoutLinkMarks } from './link-marks.ts';
import { safeLink } from './safe-link.ts';

export interface HtmlTextOptions {
  /** Marks the words of a link and its address, for `linkParts`. */
  links?: boolean;
}

/** Characters that are read; what comes after is named as cut. */
const maxLength = 2_000_000;

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '©',
  reg: '®',
  euro: '€',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  bull: '•',
  middot: '·',
};
/** Their content is no text. */
const silent: ReadonlySet<string> = new Set(['style', 'script', 'head', 'title', 'template']);
const breaking: ReadonlySet<string> = new Set(['br', 'hr']);
const breakingAtEnd: ReadonlySet<string> = new Set([
  'p',
  'div',
  'tr',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'ul',
  'ol',
  'table',
  'blockquote',
  'pre',
]);

export function htmlToText(html: string, { links = false }: HtmlTextOptions = {}): string {
  const source = withoutLinkMarks(html.slice(0, maxLength));
  const chunks: string[] = [];
  let address: string | undefined;
  let wordsStart = 0;
  const endless = new Set<string>();
  let at = 0;
  while (at < source.length) {
    const open = source.indexOf('<', at);
    chunks.push(decode(source.slice(at, open === -1 ? source.length : open).replace(/\s+/g, ' ')));
    if (open === -1) break;
    if (source.startsWith('<!--', open)) {
      at = after(source, '-->', open + 4);
      continue;
    }
    const close = source.indexOf('>', open);
    // Without an end there is no tag in all that follows.
    if (close === -1) {
      chunks.push(decode(source.slice(open).replace(/\s+/g, ' ')));
      break;
    }
    at = close + 1;
    const tag = /^<(\/?)([a-z][a-z0-9]*)/i.exec(source.slice(open, open + 24));
    const name = tag?.[2]?.toLowerCase() ?? '';
    const isEnd = tag?.[1] === '/';
    if (isEnd) {
      if (breakingAtEnd.has(name)) chunks.push('\n');
      if (name === 'a' && address !== undefined) {
        const words = chunks.splice(wordsStart).join('').replace(/\s+/g, ' ').trim();
        if (words !== '') chunks.push(linkStart, words, linkMiddle, address, linkEnd);
        address = undefined;
      }
    } else if (silent.has(name)) {
      const end = endless.has(name) ? undefined : endOfElement(source, name, at);
      // Looking for it again would read all of the rest each time.
      if (end === undefined) endless.add(name);
      else at = end;
    } else if (name === 'li') chunks.push('\n- ');
    else if (breaking.has(name)) chunks.push('\n');
    else if (name === 'td' || name === 'th') chunks.push(' ');
    else if (links && name === 'a' && close - open < 10_000) {
      address = hrefOf(source.slice(open, close));
      wordsStart = chunks.length;
    }
  }
  const text = chunks
    .join('')
    .split('\n')
    .map((line) => line.replace(/[ \t]+/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return html.length > maxLength ? `${text}\n\n… (cut)` : text;
}

/** Where the text behind the next `mark` starts; the end when there is none. */
function after(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from);
  return found === -1 ? source.length : found + mark.length;
}

function endOfElement(source: string, name: string, from: number): number | undefined {
  const end = new RegExp(`</${name}\\s{0,8}>`, 'gi');
  end.lastIndex = from;
  return end.exec(source) === null ? undefined : end.lastIndex;
}

function hrefOf(tag: string): string | undefined {
  const [, quoted, single, bare] = /\shref\s{0,8}=\s{0,8}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i.exec(tag) ?? [];
  return safeLink(decode(quoted ?? single ?? bare ?? '').trim());
}

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x?[0-9a-f]{1,8}|[a-z]{1,10});/gi, (whole, name: string) => decodeEntity(name) ?? whole);
}

function decodeEntity(name: string): string | undefined {
  if (!name.startsWith('#')) {
    const key = name.toLowerCase();
    return Object.hasOwn(entities, key) ? entities[key] : undefined;
  }
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
