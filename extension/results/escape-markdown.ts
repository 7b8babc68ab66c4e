// Text from outside in markdown that the editor draws.
import { cleanLine } from './clean-text.ts';

/** Text in markdown, also in a table; links, images, icons and HTML of it stay text. */
export function escapeMarkdown(text: string): string {
  return cleanLine(text).replace(/[\\`*_{}[\]()#+\-.!|<>~$&:@/]/g, (character) =>
    // VS Code puts icons for `$(…)` into the HTML, where a backslash before it is gone already.
    /[@:/.$]/.test(character) ? `&#${character.charCodeAt(0)};` : `\\${character}`,
  );
}
