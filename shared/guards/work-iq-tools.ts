// What is known of the generic tools of the single Work IQ endpoint, by name: which act on paths, and by which request.
// Source: Microsoft's Work IQ MCP tool reference and tool listings of August and September 2026.

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

interface PathTool {
  /** How the request is sent on; undefined where the arguments hold a whole recipe of requests. */
  method: Method | undefined;
}

const pathTools: ReadonlyMap<string, PathTool> = new Map([
  ['fetch', { method: 'GET' }],
  ['fetch_blob', { method: 'GET' }],
  ['call_function', { method: 'GET' }],
  ['create_entity', { method: 'POST' }],
  ['do_action', { method: 'POST' }],
  ['update_entity', { method: 'PATCH' }],
  ['upload_blob', { method: 'PUT' }],
  ['delete_entity', { method: 'DELETE' }],
  ['execute', { method: undefined }],
]);

/** Tools that can send the same request; the first is the usual one. */
const toolsByMethod: Readonly<Record<Method, readonly string[]>> = {
  GET: ['fetch', 'call_function', 'fetch_blob'],
  POST: ['do_action', 'create_entity'],
  PATCH: ['update_entity'],
  PUT: ['upload_blob', 'update_entity'],
  DELETE: ['delete_entity'],
};

/** A tool that acts on the path in its arguments, whatever spelling its name has. */
export function findPathTool(tool: string): PathTool | undefined {
  return pathTools.get(genericName(tool));
}

/** A tool whose arguments hold a recipe of requests that are not known beforehand. */
export function isRecipeTool(tool: string): boolean {
  const known = findPathTool(tool);
  return known !== undefined && known.method === undefined;
}

/** The generic tools that can change something. */
export function isGenericWriter(tool: string): boolean {
  const known = findPathTool(tool);
  return known !== undefined && known.method !== 'GET';
}

/** True for generic tools that take no path at all. */
export function takesNoPath(tool: string): boolean {
  return ['list_agents', 'search_paths', 'retrieve'].includes(genericName(tool));
}

export function toolsWithMethod(method: Method): readonly string[] {
  return toolsByMethod[method];
}

export function isMethod(text: string): text is Method {
  return Object.hasOwn(toolsByMethod, text);
}

/** Former names end with the name of the product. */
function genericName(tool: string): string {
  return tool
    .trim()
    .toLowerCase()
    .replace(/_work_iq$/, '');
}
