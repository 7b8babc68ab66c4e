// What of an mcp.json is the operator's word for word: the entries that did not come over the bus, all that stands beside
// "mcpServers", and the comments that belong to these. Comments that belong to no member have no owner that could be told.
import { createScanner } from 'jsonc-parser';
import { jsoncToken } from '../../shared/jsonc-token.ts';
import { membersIn, rootObject, type Member, type Span } from './members.ts';
import { splicedText, type Splice } from './spliced-text.ts';

export interface OperatorsText {
  before: string;
  after: string;
  /** Of a name in "mcpServers" of `before`. */
  isOperators: (name: string) => boolean;
}

export type KeptText =
  /** `after` with the operator's text as it was: what only white space makes different is put back. */
  | { ok: true; text: string }
  /** Names of servers whose text or comments are others, and of what stands beside "mcpServers". */
  | { ok: false; entries: string[]; others: string[] };

export function keepOperatorsText({ before, after, isOperators }: OperatorsText): KeptText {
  const was = layoutOf(before);
  const is = layoutOf(after);
  const pairsOf = (list: keyof Layout, names: Iterable<string>): Pair[] =>
    Array.from(names, (name) => ({ name, one: was[list].get(name), other: is[list].get(name) }));
  const entries = pairsOf('entries', [...was.entries.keys()].filter(isOperators));
  const others = pairsOf('others', new Set([...was.others.keys(), ...is.others.keys()]));
  const changed = (pairs: readonly Pair[]): string[] =>
    pairs.filter(({ one, other }) => !isWrittenAlike({ before, after }, one, other)).map(({ name }) => name);
  const found = { entries: changed(entries), others: changed(others) };
  if (found.entries.length + found.others.length > 0) return { ok: false, ...found };
  const splices = [...entries, ...others].flatMap(({ one, other }) => restored(before, one, other));
  // A comment that belongs to two members is there twice.
  const unique = new Map(splices.map((splice) => [splice.from, splice]));
  return { ok: true, text: splicedText(after, [...unique.values()]) };
}

interface Pair {
  name: string;
  one: Member | undefined;
  other: Member | undefined;
}

/** By name. */
interface Layout {
  entries: ReadonlyMap<string, Member>;
  /** Beside "mcpServers". */
  others: ReadonlyMap<string, Member>;
}

function layoutOf(text: string): Layout {
  const others = byName(membersIn(text, rootObject(text)));
  const list = others.get('mcpServers');
  others.delete('mcpServers');
  return { entries: byName(membersIn(text, list?.value)), others };
}

function byName(members: readonly Member[]): Map<string, Member> {
  return new Map(members.map((member) => [member.name, member]));
}

function isWrittenAlike(
  { before, after }: { before: string; after: string },
  one: Member | undefined,
  other: Member | undefined,
): boolean {
  if (one === undefined || other === undefined) return one === other;
  const left = spansOf(one).map((span) => tokens(before, span));
  const right = spansOf(other).map((span) => tokens(after, span));
  return one.above.length === other.above.length && JSON.stringify(left) === JSON.stringify(right);
}

function restored(before: string, one: Member | undefined, other: Member | undefined): Splice[] {
  if (one === undefined || other === undefined) return [];
  const places = spansOf(other);
  return spansOf(one).flatMap(({ from, to }, index) => {
    const place = places[index];
    return place === undefined ? [] : [{ from: place.from, to: place.to, by: before.slice(from, to) }];
  });
}

/** Comments above, the member, comments behind. */
function spansOf({ above, behind, from, to }: Member): Span[] {
  return [...above, { from, to }, ...behind];
}

/** As they are written. White space and the kind of line ends are not looked at: both are put back. */
function tokens(text: string, { from, to }: Span): string[] {
  const found: string[] = [];
  const part = text.slice(from, to).replaceAll('\r\n', '\n');
  const scanner = createScanner(part, false);
  for (let kind: number = scanner.scan(); kind !== jsoncToken.end; kind = scanner.scan())
    if (kind !== jsoncToken.space && kind !== jsoncToken.lineBreak)
      found.push(part.slice(scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength()));
  return found;
}
