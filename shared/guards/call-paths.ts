// Every resource path in the arguments of a call, at any depth and in any disguise; it judges none of them.
import { readJsonText } from './json-text.ts';
import {
  areClearHeaders,
  beginsWithOverride,
  hasMethodInQuery,
  isHeaders,
  isMethodName,
  isOverride,
} from './method-override.ts';
import { memberName } from './member-name.ts';
import { normalPath, type NormalPath } from './normal-path.ts';
import { shownText } from './shown-path.ts';
import { findPathTool, isRecipeTool } from './work-iq-tools.ts';

export interface CallPath {
  /** Where it stands: `actionUrl`, `jsonBody.requests[0].url`. */
  where: string;
  path: NormalPath;
  /** An argument of the call itself, rather than something in a body. */
  isTarget: boolean;
  /** Set for a request of a batch, as it is written in capital letters. */
  methods?: readonly string[];
}

export type ClearPath = Extract<NormalPath, { clear: true }>;

export interface CallPaths {
  paths: readonly CallPath[];
  /** Why the call may be another than it seems to be, if so. */
  doubt: string | undefined;
}

const maxDepth = 32;
const maxValues = 50_000;
const maxPaths = 200;
const pathName = /(?:urls?|uris?|paths?|hrefs?|links?|odataid|odatabind)$/;
const startsLikePath = /^\s*(?:[/\\]|%(?:25)*(?:2f|5c)|[a-z][a-z0-9+.-]*:[/\\])/i;

export function findCallPaths(tool: string, args: Readonly<Record<string, unknown>>): CallPaths {
  const pathTool = findPathTool(tool);
  const finder = new PathFinder({ isPathTool: pathTool !== undefined, isPost: pathTool?.method === 'POST' });
  try {
    finder.lookThrough(args);
  } catch {
    return { paths: finder.paths, doubt: 'its arguments cannot be looked through' };
  }
  return {
    paths: finder.paths,
    doubt: isRecipeTool(tool) ? 'it takes a recipe, whose requests are not known beforehand' : finder.doubt(),
  };
}

interface Place {
  where: string;
  depth: number;
  /** Below a member whose name says that it holds paths. */
  isPath: boolean;
  /** An argument, or an element of a list that is one; not a part of a body. */
  isArgument: boolean;
  /** Below a member whose name says that it is the body of a request. */
  isBody: boolean;
  methods: readonly string[] | undefined;
}

class PathFinder {
  readonly paths: CallPath[] = [];
  #hidden: string | undefined;
  readonly #isPathTool: boolean;
  readonly #isPost: boolean;
  #values = 0;
  #requests = 0;
  #mayBeBatch = false;
  /** Where requests stand that are in no body. */
  #strayRequests: string | undefined;
  #badRequest: string | undefined;
  #badText: string | undefined;

  constructor({ isPathTool, isPost }: { isPathTool: boolean; isPost: boolean }) {
    this.#isPathTool = isPathTool;
    this.#isPost = isPost;
  }

  lookThrough(args: Readonly<Record<string, unknown>>): void {
    this.#object(args, { where: '', depth: 0, isPath: false, isArgument: true, isBody: false, methods: undefined });
  }

  doubt(): string | undefined {
    if (this.#hidden !== undefined) return this.#hidden;
    if (!this.#mayBeBatch)
      return this.#strayRequests === undefined
        ? undefined
        : `${this.#strayRequests} holds requests, and it is no batch`;
    if (this.#badRequest !== undefined)
      return `a request of its batch has no clear url and method (${this.#badRequest})`;
    if (this.#badText !== undefined) return `its batch is no clear JSON (${this.#badText})`;
    return this.#requests === 0 ? 'the requests of its batch were not found' : undefined;
  }

  #value(value: unknown, place: Place): void {
    if (++this.#values > maxValues || place.depth > maxDepth || this.paths.length > maxPaths) {
      this.#hidden = 'its arguments are too large or nested too deeply to be looked through';
      return;
    }
    if (typeof value === 'string') this.#text(value, place);
    else if (Array.isArray(value)) this.#list(value, place);
    else if (value !== null && typeof value === 'object')
      this.#object(value, { ...place, isArgument: place.isArgument && place.isPath });
  }

  #list(values: readonly unknown[], place: Place): void {
    for (const [index, value] of values.entries())
      this.#value(value, { ...place, depth: place.depth + 1, where: `${place.where}[${index}]` });
  }

  /** `methods` are those of a request of a batch, which says in its own members where it goes. */
  #object(value: object, place: Place, methods?: readonly string[]): void {
    for (const [key, member] of Object.entries(value)) {
      const name = memberName(key);
      const where = shownText(place.where === '' ? key : `${place.where}.${key}`);
      const isRequestsOwn = methods !== undefined && name === 'method';
      if (isOverride(name) || (this.#tellsRequest(place) && isMethodName(name) && !isRequestsOwn))
        this.#hidden = `${where} can turn the request into another one`;
      if (this.#tellsRequest(place) && isHeaders(name) && !areClearHeaders(member))
        this.#hidden = `${where} is no plain object of headers`;
      const isPath = place.isPath || pathName.test(name);
      const isBody = place.isBody || name.endsWith('body');
      const inside = { ...place, where, depth: place.depth + 1, isPath, isBody, methods: isPath ? methods : undefined };
      if (name === 'requests') this.#batch(member, inside);
      else this.#value(member, inside);
    }
  }

  /** Whether members may say how a generic tool sends its request. */
  #tellsRequest({ isBody }: Place): boolean {
    return this.#isPathTool && !isBody;
  }

  /** Elements without url and method are no requests, which matters only if the call turns out to be a batch. */
  #batch(member: unknown, place: Place): void {
    if (this.#tellsRequest(place)) this.#strayRequests ??= place.where;
    const value = typeof member === 'string' ? readJsonText(member.trim())?.value : member;
    if (!Array.isArray(value)) {
      this.#badRequest = place.where;
      this.#value(member, place);
      return;
    }
    for (const [index, request] of value.entries()) {
      const inside = { ...place, where: `${place.where}[${index}]`, depth: place.depth + 1, isArgument: false };
      const methods = methodsOf(request);
      if (methods === undefined) {
        this.#badRequest = inside.where;
        this.#value(request, inside);
      } else {
        this.#requests++;
        // Its own body stands below it.
        this.#object(request as object, { ...inside, isBody: false }, methods);
      }
    }
  }

  #text(text: string, place: Place): void {
    const trimmed = text.trim();
    // A header may stand in a list: `["X-HTTP-Method-Override", "POST"]`, `{ "name": "X-HTTP-Method-Override", … }`.
    if (beginsWithOverride(trimmed)) this.#hidden = `${place.where} can turn the request into another one`;
    if (/^[[{"]/.test(trimmed)) {
      const json = readJsonText(trimmed);
      if (json !== undefined) {
        this.#value(json.value, { ...place, depth: place.depth + 1 });
        return;
      }
      if (place.isArgument) this.#badText = place.where;
      if (place.isPath) this.#add(text, place, { clear: false, why: 'it looks like JSON and is none' });
      return;
    }
    if (place.isArgument && memberName(place.where).endsWith('body') && trimmed !== '') this.#badText = place.where;
    if (place.isPath || (place.isArgument && this.#isPathTool && startsLikePath.test(text)))
      this.#add(text, place, normalPath(text));
  }

  #add(text: string, { where, isArgument, methods }: Place, path: NormalPath): void {
    if (this.#isPathTool && hasMethodInQuery(text)) this.#hidden = `${where} can turn the request into another one`;
    this.paths.push({ where, path, isTarget: isArgument, ...(methods !== undefined && { methods }) });
    if (isArgument) this.#mayBeBatch ||= path.clear ? hasSegment(path, '$BATCH') : this.#isPost && looksLikeBatch(text);
  }
}

/** In capital letters; undefined for what is no request with a url and a method. */
function methodsOf(request: unknown): string[] | undefined {
  if (request === null || typeof request !== 'object') return undefined;
  const members = Object.entries(request).map(([key, value]) => [memberName(key), value] as const);
  const methods = members.filter(([name]) => name === 'method').map(([, value]) => value);
  const isRequest = members.some(([name, value]) => name === 'url' && typeof value === 'string') && methods.length > 0;
  if (!isRequest || !methods.every((method) => typeof method === 'string')) return undefined;
  return methods.map((method) => method.trim().toUpperCase());
}

/** Whether some reading of the path has a segment, in the spelling of `skeleton`. */
export function hasSegment(path: ClearPath, segment: string): boolean {
  return path.deniable.some((reading) => reading.includes(segment));
}

/** Of a path that is not clear. */
function looksLikeBatch(text: string): boolean {
  return /batch|[%$]/i.test(text) || /[^\u0020-\u007e]/.test(text);
}
