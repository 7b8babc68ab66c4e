// One line on stderr that shows what is being waited for and how long already; it disappears when it is done.
import type { Colors } from './render/view.ts';
import { cut } from './terminal-text.ts';
import type { OutputStream } from './output.ts';

export interface Spinner {
  /** Changes the text; it has to be clean. */
  update(text: string): void;
  /** Makes room for other output; the line comes back by itself. */
  pause(): void;
  /** May be called again. */
  stop(): void;
  [Symbol.dispose](): void;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const clearLine = '\r\u001b[2K';

export function createSpinner(options: {
  stream: OutputStream;
  text: string;
  colors: Colors;
  isEnabled: boolean;
}): Spinner {
  const { stream, colors, isEnabled } = options;
  let text = options.text;
  let frame = 0;
  let isShown = false;
  const startedAt = performance.now();
  const draw = (): void => {
    frame = (frame + 1) % frames.length;
    const seconds = Math.floor((performance.now() - startedAt) / 1_000);
    const elapsed = seconds === 0 ? '' : ` ${seconds} s`;
    const line = cut(text, (stream.columns ?? 80) - 4 - elapsed.length);
    stream.write(`${clearLine}${colors.cyan(frames[frame] ?? '')} ${line}${colors.dim(elapsed)}`);
    isShown = true;
  };
  const clear = (): void => {
    if (isShown) stream.write(clearLine);
    isShown = false;
  };
  let timer: NodeJS.Timeout | undefined = isEnabled ? setInterval(draw, 100) : undefined;
  timer?.unref();
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    clear();
  };
  return { update: (next) => (text = next), pause: clear, stop, [Symbol.dispose]: stop };
}
