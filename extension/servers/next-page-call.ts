// Which call reads the next page of a list: of the same tool, when that only reads and its schema says how. It calls nothing.
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { isJsonArray, isJsonObject, ownValue, type JsonObject } from '../../shared/tool-schema/json-value.ts';
import type { ToolPreset } from '../tool-form/tool-caller.ts';

export interface NextPageRequest {
  server: string;
  tool: string;
  /** Address of the page, as the server wrote it. */
  link: string;
  /** Of the call that the list came from, where this window knows them. */
  arguments?: JsonObject | undefined;
}

/** Undefined where the page cannot be asked for, or the tool might do more than read. */
export function nextPageCall(
  servers: readonly ListedServer[],
  { server, tool: name, link, arguments: before = {} }: NextPageRequest,
): (ToolPreset & { arguments: JsonObject }) | undefined {
  const tool = servers.find((listed) => listed.name === server)?.tools.find((listed) => listed.name === name);
  if (tool?.sideEffects !== 'read') return undefined;
  const { properties, required } = tool.inputSchema;
  if (!isJsonObject(properties)) return undefined;
  const needed = isJsonArray(required) ? required.filter((item) => typeof item === 'string') : [];
  const own = ownValue(properties, 'nextLink');
  if (own !== undefined) {
    const values = { ...before, nextLink: link };
    return needed.every((item) => Object.hasOwn(values, item)) ? { server, tool: name, arguments: values } : undefined;
  }
  const [paths, ...others] = needed;
  const path = pathOf(link);
  if (paths === undefined || others.length > 0 || path === undefined) return undefined;
  if (!isListOfTexts(ownValue(properties, paths))) return undefined;
  return { server, tool: name, arguments: { ...before, [paths]: [path] } };
}

/** Graph writes whole addresses, and takes paths without host and version. */
export function pathOf(link: string): string | undefined {
  if (/^\/(?!\/)/.test(link)) return link;
  if (!URL.canParse(link)) return undefined;
  const { protocol, pathname, search } = new URL(link);
  const path = /^\/v1\.0(\/.+)$/.exec(pathname)?.[1];
  // Their names alone are readable that way, and what filters by names must see them.
  return protocol === 'https:' && path !== undefined ? path + search.replace(/([?&])%24/g, '$1$$') : undefined;
}

function isListOfTexts(schema: unknown): boolean {
  if (!isJsonObject(schema) || schema['type'] !== 'array') return false;
  const { items } = schema;
  return isJsonObject(items) && items['type'] === 'string';
}
