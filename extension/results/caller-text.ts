// What callers name themselves, in words for people.
import { cleanLine } from './clean-text.ts';

export function callerText(caller: string): string {
  if (caller === 'vscode') return 'VS Code';
  return caller === 'cli' ? 'CLI' : cleanLine(caller);
}
