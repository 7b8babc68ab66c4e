// What callers name themselves, in words for people.
import { cleanLine } from './clean-text.ts';

export function callerText(caller: string): string {
  if (caller === 'vscode') return 'VS Code';
  if (caller.startsWith('patrol/')) return `patrol ${cleanLine(caller.slice('patrol/'.length))}`;
  return caller === 'cli' ? 'CLI' : cleanLine(caller);
}
