// Opens an address in the user's browser without a shell; it knows nothing of what is behind the address.
import { spawn } from 'node:child_process';
import { release } from 'node:os';

export interface BrowserEnvironment {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
}

/** Whether a browser that opens here would open before the user's eyes; a guess. */
export function isBrowserLikely({ platform, env }: BrowserEnvironment): boolean {
  if (env['ROCKBOT_BROWSER']) return true;
  if (env['SSH_CONNECTION'] || env['SSH_TTY'] || env['CI'] || env['CODESPACES']) return false;
  if (platform === 'win32' || platform === 'darwin') return true;
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}

/**
 * Resolves with whether a program took the address. `ROCKBOT_BROWSER` names another program to run with the address as
 * its only argument.
 */
export function openSystemBrowser(url: string, { platform, env }: BrowserEnvironment): Promise<boolean> {
  const [program, args] = browserCommand(url, { platform, env });
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: platform !== 'win32', windowsHide: true });
    const settle = (opened: boolean): void => {
      clearTimeout(timer);
      resolve(opened);
    };
    // A browser that stays in the foreground has taken the address as well.
    const timer = setTimeout(() => settle(true), 3_000);
    child.on('error', () => settle(false));
    child.on('exit', (code) => settle(code === 0));
    child.unref();
  });
}

/** Program and arguments; the address is always one argument and never read by a shell. */
export function browserCommand(url: string, { platform, env }: BrowserEnvironment): [string, string[]] {
  const { protocol, href } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError('only web addresses are opened');
  const named = env['ROCKBOT_BROWSER'];
  if (named) return [named, [href]];
  if (platform === 'darwin') return ['open', [href]];
  // Not "start", which is the shell's and would read "&".
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', href]];
  return [/microsoft/i.test(release()) ? 'wslview' : 'xdg-open', [href]];
}
