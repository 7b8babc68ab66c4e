// The status bar item; what it shows is decided by connection/status-view.
import { MarkdownString, StatusBarAlignment, ThemeColor, window, type Disposable } from 'vscode';
import type { StatusView } from '../connection/status-view.ts';

export interface StatusBar extends Disposable {
  show(view: StatusView): void;
}

const backgrounds = {
  none: undefined,
  warning: new ThemeColor('statusBarItem.warningBackground'),
  error: new ThemeColor('statusBarItem.errorBackground'),
};

export function createStatusBar(): StatusBar {
  const item = window.createStatusBarItem('rockbot.status', StatusBarAlignment.Left, 0);
  item.name = 'RockBot';
  return {
    show: (view) => {
      // Who has not set anything up is not to be reminded of it all day.
      if (view.phase === 'not_configured') {
        item.hide();
        return;
      }
      item.text = view.text;
      item.accessibilityInformation = { label: view.accessibilityLabel, role: 'button' };
      item.backgroundColor = backgrounds[view.background];
      item.command = view.command;
      const tooltip = new MarkdownString(view.tooltip, true);
      tooltip.isTrusted = { enabledCommands: view.tooltipCommands };
      item.tooltip = tooltip;
      item.show();
    },
    dispose: () => item.dispose(),
  };
}
