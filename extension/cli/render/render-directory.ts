// Draws people, files and Copilot agents, one line each.
import { cleanLine } from '../../results/clean-text.ts';
import type { CopilotAgent, DriveFile, Person } from '../../results/result-shape.ts';
import { sizeText } from '../../results/time-text.ts';
import { columnWidth, cut, padEnd } from '../terminal-text.ts';
import { momentText } from './date-text.ts';
import type { View } from './view.ts';

export function renderPeople(people: readonly Person[], view: View): string[] {
  const rows = people.map((person) => ({
    name: cleanLine(person.displayName ?? '') || '(no name)',
    address: cleanLine(person.mail || person.userPrincipalName || person.scoredEmailAddresses?.[0]?.address || ''),
    rest: cleanLine(
      [person.jobTitle, person.department, person.officeLocation, person.businessPhones?.[0]]
        .filter(Boolean)
        .join(' · '),
    ),
  }));
  const nameWidth = columnWidth(
    rows.map((row) => row.name),
    30,
  );
  const addressWidth = columnWidth(
    rows.map((row) => row.address),
    40,
  );
  return rows.map(({ name, address, rest }) =>
    [
      view.colors.bold(padEnd(cut(name, nameWidth), nameWidth)),
      padEnd(cut(address, addressWidth), addressWidth),
      view.colors.dim(cut(rest, Math.max(0, view.width - nameWidth - addressWidth - 4))),
    ]
      .join('  ')
      .trimEnd(),
  );
}

export function renderFiles(files: readonly DriveFile[], view: View): string[] {
  const { colors } = view;
  const rows = files.map((file) => ({
    isFolder: Boolean(file.folder),
    name: cleanLine(file.name),
    size: file.folder
      ? file.folder.childCount === undefined || file.folder.childCount === null
        ? 'folder'
        : `${file.folder.childCount} items`
      : typeof file.size === 'number'
        ? sizeText(file.size)
        : '',
    time: file.lastModifiedDateTime ? cleanLine(momentText(file.lastModifiedDateTime, view)) : '',
    address: cleanLine(file.webUrl ?? ''),
  }));
  const sizeWidth = columnWidth(
    rows.map((row) => row.size),
    12,
  );
  const timeWidth = columnWidth(
    rows.map((row) => row.time),
    20,
  );
  const nameWidth = columnWidth(
    rows.map((row) => row.name),
    Math.max(20, Math.floor(view.width / 3)),
  );
  return rows.map(({ isFolder, name, size, time, address }) => {
    const shown = cut(name, nameWidth - (isFolder ? 1 : 0)) + (isFolder ? '/' : '');
    const room = view.width - nameWidth - sizeWidth - timeWidth - 6;
    return [
      isFolder ? colors.cyan(padEnd(shown, nameWidth)) : padEnd(shown, nameWidth),
      colors.dim(size.padStart(sizeWidth)),
      colors.dim(padEnd(time, timeWidth)),
      // A cut address leads nowhere.
      address.length <= room ? colors.dim(address) : '',
    ]
      .join('  ')
      .trimEnd();
  });
}

export function renderAgents(agents: readonly CopilotAgent[], view: View): string[] {
  const nameWidth = columnWidth(
    agents.map(({ name }) => cleanLine(name)),
    40,
  );
  return agents.map(({ name, agentId, provider }) =>
    [
      view.colors.bold(padEnd(cut(cleanLine(name), nameWidth), nameWidth)),
      cleanLine(agentId),
      view.colors.dim(cleanLine(provider ?? '')),
    ]
      .join('  ')
      .trimEnd(),
  );
}
