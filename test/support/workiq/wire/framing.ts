// JSON and server-sent events as the two services write them. Knows no method and no tool.

/** The catalogue escapes like .NET's default encoder: quotes, HTML marks and everything beyond ASCII as \uXXXX. */
export type Dialect = 'plain' | 'dotnet';

const NEEDS_ESCAPE = /\\["\\]|[<>&'+`\u007f-\uffff]/g;

export function encode(value: unknown, dialect: Dialect): string {
  const json = JSON.stringify(value) ?? 'null';
  if (dialect === 'plain') return json;
  return json.replace(NEEDS_ESCAPE, (found) => {
    if (found === '\\\\') return found;
    const character = found === '\\"' ? '"' : found;
    return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

export function serverSentEvent(json: string): string {
  return `event: message\ndata: ${json}\n\n`;
}

export type JsonRpcId = string | number | null;

/** In the services' own order of members: result or error, id, jsonrpc. */
export function rpcResult(id: JsonRpcId, result: unknown): object {
  return { result, id, jsonrpc: '2.0' };
}

export function rpcError(id: JsonRpcId, code: number, message: string, data?: unknown): object {
  return { error: { code, message, ...(data === undefined ? {} : { data }) }, id, jsonrpc: '2.0' };
}
