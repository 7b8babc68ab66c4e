// How an item of a tree view looks; it knows no vscode.

export interface NodeView {
  /** The same for the same thing over updates, so that what is open stays open. */
  id: string;
  label: string;
  description?: string;
  /** Markdown. */
  tooltip?: string;
  icon: string;
  /** Id of a theme colour. */
  color?: string;
  contextValue?: string;
  children: 'none' | 'closed' | 'open';
  /** Run by a click. */
  command?: string;
  accessibilityLabel: string;
}
