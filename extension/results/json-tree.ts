// The rows of a JSON tree: made when their parent is opened, so that megabytes cost nothing until looked at; no recursion.

export type JsonKey = string | number;

export interface JsonNode {
  /** Undefined at the root and for a stretch of a long list. */
  readonly key: JsonKey | undefined;
  readonly value: unknown;
  readonly depth: number;
  readonly parent: JsonNode | undefined;
  /** Counts from 1 among its siblings, as screen readers say it. */
  readonly position: number;
  readonly siblings: number;
  /** The members from `start` to before `end` of a list or object too long to show at once. */
  readonly stretch: { start: number; end: number } | undefined;
  isOpen: boolean;
  children: readonly JsonNode[] | undefined;
}

export interface JsonTree {
  /** What is shown now, from top to bottom. */
  readonly rows: readonly JsonNode[];
  open(index: number): void;
  close(index: number): void;
  /** Closes all but the root. */
  closeAll(): void;
  /** Opens levels from the root down while they are few rows. */
  openSome(): void;
  /** Opens what is above the member and returns its row; -1 when there is no such member. */
  reveal(path: readonly JsonKey[]): number;
}

const stretchLength = 1_000;
const someRows = 200;

export function createJsonTree(value: unknown): JsonTree {
  const root: JsonNode = {
    key: undefined,
    value,
    depth: 0,
    parent: undefined,
    position: 1,
    siblings: 1,
    stretch: undefined,
    isOpen: false,
    children: undefined,
  };
  let rows: JsonNode[] = [];

  const refresh = (): void => {
    rows = [];
    const pending: JsonNode[] = [root];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      rows.push(node);
      const children = node.isOpen ? childrenOf(node) : [];
      for (let index = children.length - 1; index >= 0; index -= 1) {
        const child = children[index];
        if (child !== undefined) pending.push(child);
      }
    }
  };

  const openSome = (): void => {
    let [level, count] = [[root], 1];
    while (level.length > 0) {
      const next = level.filter(isExpandable).flatMap((node) => [...childrenOf(node)]);
      count += next.length;
      if (level[0] !== root && count > someRows) break;
      for (const node of level) if (isExpandable(node)) node.isOpen = true;
      level = next;
    }
    refresh();
  };

  refresh();
  return {
    get rows() {
      return rows;
    },
    open: (index) => {
      const node = rows[index];
      if (node === undefined || node.isOpen || !isExpandable(node)) return;
      node.isOpen = true;
      refresh();
    },
    close: (index) => {
      const node = rows[index];
      if (!node?.isOpen) return;
      node.isOpen = false;
      refresh();
    },
    closeAll: () => {
      for (const node of rows) node.isOpen = node === root;
      refresh();
    },
    openSome,
    reveal: (path) => {
      let node: JsonNode | undefined = root;
      for (const key of path) {
        node.isOpen = true;
        node = memberOf(node, key);
        if (node === undefined) return -1;
      }
      refresh();
      return rows.indexOf(node);
    },
  };
}

export function isExpandable({ value, stretch }: JsonNode): boolean {
  return stretch !== undefined || (typeof value === 'object' && value !== null && sizeOf(value) > 0);
}

/** Members of a list or object. */
export function sizeOf(value: object): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function childrenOf(node: JsonNode): readonly JsonNode[] {
  node.children ??= makeChildren(node);
  return node.children;
}

function makeChildren(parent: JsonNode): JsonNode[] {
  const { value, stretch } = parent;
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value) ? undefined : Object.keys(value);
  const size = keys?.length ?? sizeOf(value);
  const base = { depth: parent.depth + 1, parent, isOpen: false, children: undefined };
  if (stretch === undefined && size > stretchLength) {
    const siblings = Math.ceil(size / stretchLength);
    return Array.from({ length: siblings }, (_, index) => ({
      ...base,
      key: undefined,
      value,
      position: index + 1,
      siblings,
      stretch: { start: index * stretchLength, end: Math.min(size, (index + 1) * stretchLength) },
    }));
  }
  const { start, end } = stretch ?? { start: 0, end: size };
  return Array.from({ length: end - start }, (_, index) => {
    const key = keys === undefined ? start + index : (keys[start + index] ?? '');
    return {
      ...base,
      key,
      value: (value as Record<JsonKey, unknown>)[key],
      position: index + 1,
      siblings: end - start,
      stretch: undefined,
    };
  });
}

/** Opens the stretch that the member is in, when the list is a long one. */
function memberOf(node: JsonNode, key: JsonKey): JsonNode | undefined {
  const children = childrenOf(node);
  if (children[0]?.stretch === undefined) {
    return typeof key === 'number' && Array.isArray(node.value) && node.stretch === undefined
      ? children[key]
      : children.find((child) => child.key === key);
  }
  const index = typeof key === 'number' ? key : Object.keys(node.value as object).indexOf(key);
  const stretch = children[Math.floor(index / stretchLength)];
  if (stretch === undefined) return undefined;
  stretch.isOpen = true;
  return childrenOf(stretch).find((child) => child.key === key);
}
