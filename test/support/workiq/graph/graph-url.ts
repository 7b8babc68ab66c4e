// Takes a relative Graph URL apart into path segments and query options. Knows no data and no policy.
import { badRequest } from './graph-error.ts';

export type GraphUrl = {
  /** As the caller wrote it. */
  readonly raw: string;
  /** The path without the query, as written. */
  readonly path: string;
  /** Decoded. */
  readonly segments: readonly string[];
  /** Query options in lower case, without the dollar sign of the OData ones: `top`, `select`, `startdatetime`. */
  readonly options: ReadonlyMap<string, string>;
};

/** Throws a `GraphError` with status 400 for absolute or versioned URLs: Work IQ takes relative paths only. */
export function parseGraphUrl(raw: string): GraphUrl {
  if (!raw.startsWith('/')) throw badRequest(`'${raw}' is not a relative path. It has to start with '/'.`);
  if (/^\/(v1\.0|beta)\//.test(raw)) throw badRequest(`'${raw}' carries an API version. Leave it out.`);
  const [path = '', query = ''] = split(raw, '?');
  const options = new Map<string, string>();
  for (const pair of query.split('&').filter(Boolean)) {
    const [name = '', value = ''] = split(pair, '=');
    const key = decode(name).replace(/^\$/, '').toLowerCase();
    const isTime = key === 'startdatetime' || key === 'enddatetime';
    options.set(key, decode(isTime ? value : value.replaceAll('+', ' ')));
  }
  const segments = path.split('/').filter(Boolean).map(decode);
  return { raw, path: path.replace(/\/+$/, ''), segments, options };
}

/** The text after the first `mark` belongs to the second part, further marks included. */
function split(text: string, mark: string): [string, string] {
  const index = text.indexOf(mark);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest(`'${text}' is not correctly URL-encoded.`);
  }
}
