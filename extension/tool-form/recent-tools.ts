// The tools run last, newest first: names only, never arguments.

/** Stored under this key. */
const key = 'rockbot.recentTools';
export const maxRecentTools = 10;

/** What of VS Code's `Memento` is needed. */
export interface RecentToolsStore {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

export interface RecentTool {
  readonly server: string;
  readonly tool: string;
}

export function recentTools(store: RecentToolsStore): readonly RecentTool[] {
  const stored = store.get(key);
  if (!Array.isArray(stored)) return [];
  return stored.filter(isRecentTool).slice(0, maxRecentTools);
}

export async function rememberTool(store: RecentToolsStore, { server, tool }: RecentTool): Promise<void> {
  const others = recentTools(store).filter((recent) => recent.server !== server || recent.tool !== tool);
  await store.update(key, [{ server, tool }, ...others].slice(0, maxRecentTools));
}

function isRecentTool(value: unknown): value is RecentTool {
  if (typeof value !== 'object' || value === null || !('server' in value) || !('tool' in value)) return false;
  return typeof value.server === 'string' && typeof value.tool === 'string';
}
