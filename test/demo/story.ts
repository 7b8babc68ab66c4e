// How the demo tells its story on a terminal or in a log; it knows nothing of what happens.
import pc from 'picocolors';

export interface Story {
  chapter(title: string): void;
  /** A thing that happened, with how long it took when that is interesting. */
  say(text: string, milliseconds?: number): void;
  /** What a program printed, indented and bounded. */
  show(output: string, maxLines?: number): void;
  command(line: string): void;
}

export function createStory(write: (text: string) => void = (text) => process.stdout.write(text)): Story {
  let chapters = 0;
  return {
    chapter(title) {
      chapters++;
      write(`\n${pc.bold(pc.cyan(`${chapters}. ${title}`))}\n`);
    },
    say(text, milliseconds) {
      const time = milliseconds === undefined ? '' : pc.dim(` (${formatTime(milliseconds)})`);
      write(`   ${text}${time}\n`);
    },
    show(output, maxLines = 24) {
      const lines = output.trimEnd().split('\n');
      for (const line of lines.slice(0, maxLines)) write(`   ${pc.dim('│')} ${line}\n`);
      if (lines.length > maxLines) write(`   ${pc.dim(`│ … ${lines.length - maxLines} more lines`)}\n`);
    },
    command(line) {
      write(`   ${pc.dim('$')} ${pc.bold(line)}\n`);
    },
  };
}

function formatTime(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}
