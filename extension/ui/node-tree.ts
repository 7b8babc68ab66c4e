// A tree view over nodes that know how they look; it knows no servers and no calls.
import {
  EventEmitter,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeDataProvider,
} from 'vscode';
import type { NodeView } from '../servers/node-view.ts';

export interface NodeSource<Node> {
  roots(): readonly Node[];
  children(node: Node): readonly Node[];
  view(node: Node): NodeView;
}

export interface NodeTree<Node> extends TreeDataProvider<Node> {
  changed(): void;
}

const states = {
  none: TreeItemCollapsibleState.None,
  closed: TreeItemCollapsibleState.Collapsed,
  open: TreeItemCollapsibleState.Expanded,
};

export function createNodeTree<Node>({ roots, children, view }: NodeSource<Node>): NodeTree<Node> {
  const changes = new EventEmitter<undefined>();
  return {
    onDidChangeTreeData: changes.event,
    changed: () => changes.fire(undefined),
    getChildren: (node) => [...(node === undefined ? roots() : children(node))],
    getTreeItem: (node) => {
      const look = view(node);
      const item = new TreeItem(look.label, states[look.children]);
      item.id = look.id;
      item.description = look.description ?? false;
      if (look.tooltip !== undefined) item.tooltip = new MarkdownString(look.tooltip, true);
      item.iconPath = new ThemeIcon(look.icon, look.color === undefined ? undefined : new ThemeColor(look.color));
      if (look.contextValue !== undefined) item.contextValue = look.contextValue;
      if (look.command !== undefined) item.command = { command: look.command, title: look.label, arguments: [node] };
      item.accessibilityInformation = { label: look.accessibilityLabel };
      return item;
    },
  };
}
