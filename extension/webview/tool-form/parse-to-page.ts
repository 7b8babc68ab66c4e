// Checks what the extension posts to the page by hand, since a schema library would be most of the page.
import type { ToPage } from '../../tool-form/form-messages.ts';
import { isJsonObject } from '../../tool-form/json-value.ts';

const runKinds: ReadonlySet<unknown> = new Set(['idle', 'asking', 'running', 'done', 'cancelled', 'failed']);

/** Undefined for what is no message of this page. */
export function parseToPage(data: unknown): ToPage | undefined {
  if (!isJsonObject(data) || !isJsonObject(data['run']) || !runKinds.has(data['run']['kind'])) return undefined;
  if (data['type'] === 'run') return data as unknown as ToPage;
  const { type, revision, head, inputSchema, arguments: values } = data;
  if (type !== 'show' || typeof revision !== 'number' || !isJsonObject(head) || !isJsonObject(inputSchema))
    return undefined;
  const words = ['server', 'name', 'title', 'description', 'sideEffects'].map((key) => head[key]);
  if (!words.every((word) => typeof word === 'string') || (values !== undefined && !isJsonObject(values)))
    return undefined;
  return data as unknown as ToPage;
}
