// Files, chats and Copilot agents as tables; row and item have the same index.
import { cleanLine } from './clean-text.ts';
import { chatKindText } from './code-words.ts';
import type { Chat, CopilotAgent, DriveFile } from './graph-items.ts';
import { chatTitle, memberNames } from './item-text.ts';
import type { TableColumn, TableModel } from './table-model.ts';

const text = (key: string, label: string, width: number): TableColumn => ({ key, label, kind: 'text', width });
const date = (key: string, label: string): TableColumn => ({ key, label, kind: 'date', width: 21 });

export function fileTable(files: readonly DriveFile[]): TableModel {
  const columns = [text('name', 'Name', 40), date('modified', 'Modified'), text('by', 'Modified by', 18)];
  const rows = files.map(fileRow);
  return { columns: withFilled([...columns, { key: 'size', label: 'Size', kind: 'number', width: 9 }], rows), rows };
}

function fileRow({ name, lastModifiedDateTime, lastModifiedBy, size, folder }: DriveFile): Record<string, unknown> {
  return {
    name: cleanLine(name),
    modified: lastModifiedDateTime ?? null,
    by: cleanLine(lastModifiedBy?.user?.displayName ?? '') || null,
    size: folder ? (folder.childCount ?? null) : (size ?? null),
  };
}

export function chatTable(chats: readonly Chat[]): TableModel {
  const rows = chats.map((chat) => ({
    title: chatTitle(chat),
    kind: chatKindText(chat.chatType),
    members: memberNames(chat) || null,
    updated: chat.lastUpdatedDateTime ?? null,
  }));
  const columns = [text('title', 'Chat', 30), text('kind', 'Kind', 10), text('members', 'Members', 40)];
  return { columns: withFilled([...columns, date('updated', 'Updated')], rows), rows };
}

export function agentTable(agents: readonly CopilotAgent[]): TableModel {
  const rows = agents.map(({ name, provider, agentId }) => ({
    name: cleanLine(name),
    provider: cleanLine(provider ?? '') || null,
    agentId: cleanLine(agentId),
  }));
  return {
    columns: withFilled([text('name', 'Agent', 30), text('provider', 'Provider', 16), text('agentId', 'Id', 36)], rows),
    rows,
  };
}

/** Leaves out what no row has. */
function withFilled(
  columns: readonly TableColumn[],
  rows: readonly Readonly<Record<string, unknown>>[],
): TableColumn[] {
  return columns.filter(({ key }) => rows.some((row) => row[key] !== null));
}
