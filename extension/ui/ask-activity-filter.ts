// Asks which calls the activity view should show: one box for a text and for an outcome.
import { window, type QuickPickItem } from 'vscode';
import type { ActivityFilter } from '../activity/activity-view.ts';

interface OutcomeItem extends QuickPickItem {
  outcome: ActivityFilter['outcome'];
}

const items: readonly OutcomeItem[] = [
  { label: '$(list-flat) All calls', outcome: 'all', alwaysShow: true },
  { label: '$(error) Failed only', outcome: 'failed', alwaysShow: true },
  { label: '$(loading) Running only', outcome: 'running', alwaysShow: true },
];

/** Undefined when the person left. */
export async function askActivityFilter(current: ActivityFilter): Promise<ActivityFilter | undefined> {
  const picker = window.createQuickPick<OutcomeItem>();
  picker.title = 'Filter Activity';
  picker.placeholder = 'Part of a tool, server, caller or error';
  picker.value = current.text;
  picker.items = items;
  picker.activeItems = items.filter(({ outcome }) => outcome === current.outcome);
  try {
    return await new Promise((resolve) => {
      picker.onDidAccept(() =>
        resolve({ text: picker.value.trim(), outcome: picker.activeItems[0]?.outcome ?? 'all' }),
      );
      picker.onDidHide(() => resolve(undefined));
      picker.show();
    });
  } finally {
    picker.dispose();
  }
}
