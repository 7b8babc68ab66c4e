// Asks for the tenant and the app registration that a local agent signs in with, in steps; it starts nothing.
import { ConfigurationTarget, window, workspace } from 'vscode';
import { settingIds } from '../contributions.ts';
import type { AppIds } from '../local/window-local-agent.ts';

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Asks for what is not known and offers to save it; undefined when the person leaves. */
export async function askAppIds(known: Partial<AppIds>): Promise<AppIds | undefined> {
  const missing = (['tenantId', 'clientId'] as const).filter((name) => known[name] === undefined);
  const ids: Partial<AppIds> = { ...known };
  for (const [index, name] of missing.entries()) {
    ids[name] = await askId(name, `Start Local Agent (${index + 1}/${missing.length + 1})`);
    if (ids[name] === undefined) return undefined;
  }
  if (missing.length > 0 && !(await offerToSave(ids, missing))) return undefined;
  return ids as AppIds;
}

async function askId(name: keyof AppIds, title: string): Promise<string | undefined> {
  const typed = await window.showInputBox({
    title,
    prompt:
      name === 'tenantId'
        ? 'Directory (tenant) id of your organisation in Microsoft Entra'
        : 'Application (client) id of the app registration that may use Work IQ; ask your administrator for it',
    placeHolder: '00000000-0000-0000-0000-000000000000',
    ignoreFocusOut: true,
    validateInput: (text) =>
      guid.test(text.trim()) ? undefined : 'An id has the form 00000000-0000-0000-0000-000000000000.',
  });
  return typed?.trim();
}

/** False when the person leaves. */
async function offerToSave(ids: Partial<AppIds>, missing: readonly (keyof AppIds)[]): Promise<boolean> {
  const save = { label: '$(save) Save in the user settings', detail: 'The local agent starts without questions then.' };
  const once = { label: '$(history) Use only now', detail: 'They are asked for again next time.' };
  const picked = await window.showQuickPick([save, once], {
    title: `Start Local Agent (${missing.length + 1}/${missing.length + 1})`,
    placeHolder: 'Keep the ids? They are no secrets.',
    ignoreFocusOut: true,
  });
  if (picked === save) {
    const configuration = workspace.getConfiguration();
    for (const name of missing) await configuration.update(settingIds[name], ids[name], ConfigurationTarget.Global);
  }
  return picked !== undefined;
}
