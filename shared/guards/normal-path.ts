// A resource path, however it is written, as the segments that rules are compared with; it knows no rules and no tools.
import { expandedPaths } from './expanded-paths.ts';
import { readSegment } from './path-segment.ts';
import { assertVisible, decoded, skeleton } from './segment-text.ts';
import { UnclearPath } from './unclear-path.ts';

export type NormalPath =
  | {
      clear: true;
      /** Each way to read it, as segments in small letters; what is allowed must be allowed in all of them. */
      readings: Readings;
      /** Every way to read it, also the unlikely ones, as `skeleton`; what is denied must be denied in none of them. */
      deniable: Readings;
    }
  | { clear: false; why: string };

type Readings = readonly (readonly string[])[];

const maxLength = 8_192;
const maxSegments = 64;
const maxReadings = 32;
const versions: ReadonlySet<string> = new Set(['v1.0', 'beta']);
/** They say what of a resource is meant, in the spelling of `skeleton`. */
const trailing: ReadonlySet<string> = new Set(['$COUNT', '$METADATA', '$REF', '$VALUE']);
/** Stands for the id of an entity that a request does not name. */
const someId = '{id}';

/** Never throws: what cannot be read with certainty is not clear. */
export function normalPath(text: string): NormalPath {
  try {
    return readPath(text);
  } catch (error) {
    return { clear: false, why: error instanceof UnclearPath ? error.message : 'it cannot be read' };
  }
}

function readPath(text: string): NormalPath {
  if (text.length > maxLength) throw new UnclearPath('it is too long');
  assertVisible(text);
  const [beforeFragment = ''] = text.split('#');
  const [address = '', ...query] = beforeFragment.split('?');
  const expanded = expandedPaths(query.join('?'));
  const all = candidates(address).map((candidate) => readingsOf(resolved(candidate)));
  const readings = all.flatMap(({ likely }) => withExpanded(likely.map(withoutVersion), expanded));
  const deniable = all.flatMap(({ every }) => withExpanded(every.map(withoutVersion), expanded).flatMap(deniableForms));
  return { clear: true, readings, deniable };
}

/** The path of the address, in slashes; there are two where a host may be meant or not. */
function candidates(address: string): string[] {
  const absolute = /^[a-z][a-z0-9+.-]*:[/\\]{2}/i.exec(address);
  if (absolute === null && /^(?:https?|wss?|ftp|file):/i.test(address))
    throw new UnclearPath('it is an address without "//"');
  if (absolute === null && !/^[/\\]{2}/.test(address)) return [address];
  const rest = address.slice(absolute?.[0].length ?? 0);
  const isHostCertain = absolute !== null && !/^[/\\]/.test(rest);
  const behind = rest.replace(/^[/\\]+/, '');
  const end = behind.search(/[/\\]/);
  if (end >= 0 && behind[end] === '\\') throw new UnclearPath('a backslash stands behind its host');
  const path = end < 0 ? '' : behind.slice(end);
  return isHostCertain ? [path] : [behind, path];
}

/** Decoded segments without empty ones, "." and "..". */
function resolved(path: string): string[] {
  const raw = path
    .replaceAll('\\', '/')
    .replace(/^\/|\/$/g, '')
    .split('/');
  if (raw.length > maxSegments) throw new UnclearPath('it has too many parts');
  const segments: string[] = [];
  const decodedParts = raw.map(decoded);
  if (decodedParts.includes('..') && raw.includes('')) throw new UnclearPath('it mixes ".." with "//"');
  for (const segment of decodedParts) {
    if (segment === '..') {
      if (segments.pop() === undefined) throw new UnclearPath('its ".." lead above the root');
    } else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments;
}

function readingsOf(segments: readonly string[]): { likely: Readings; every: Readings } {
  let isFileName = false;
  let likely: Readings = [[]];
  let every: Readings = [[]];
  const actionAt = segments.findLastIndex((segment) => !/^(?:\$|:+$)/.test(segment));
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    const read = readSegment(segment, { isFileName, isLast, mayBeAction: index === actionAt });
    if (segment.endsWith(':')) isFileName = !isFileName;
    likely = extended(likely, read.likely);
    every = extended(every, read.every);
  }
  return { likely, every };
}

function extended(heads: Readings, tails: Readings): Readings {
  if (heads.length * tails.length > maxReadings) throw new UnclearPath('it can be read in too many ways');
  return heads.flatMap((head) => tails.map((tail) => [...head, ...tail]));
}

function withoutVersion(segments: readonly string[]): readonly string[] {
  const from = segments.findIndex((segment) => !versions.has(segment));
  return from < 0 ? [] : segments.slice(from);
}

/** Expanded resources lie directly below an entity, or below each entity of a collection. */
function withExpanded(readings: Readings, expanded: Readings): Readings {
  if (readings.length * expanded.length > maxReadings) throw new UnclearPath('its $expand names too much');
  return readings.flatMap((reading) => [
    reading,
    ...expanded.flatMap((below) => [
      [...reading, ...below],
      [...reading, someId, ...below],
    ]),
  ]);
}

/** `/users/{somebody}` can be the signed-in user, who is `/me` as well; and `sendMail/$value` may send as `sendMail` does. */
function deniableForms(reading: readonly string[]): string[][] {
  const plain = reading.map(skeleton);
  const bare = plain.slice(0, plain.findLastIndex((segment) => !trailing.has(segment) && !/^:+$/.test(segment)) + 1);
  const forms = bare.length === plain.length ? [plain] : [plain, bare];
  return forms.flatMap((form) => {
    const [first, user, ...rest] = form;
    return first === 'USERS' && user !== undefined ? [form, ['ME', ...rest]] : [form];
  });
}
