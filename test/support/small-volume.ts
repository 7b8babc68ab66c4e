// A volume of its own for a test: a small tmpfs that can fill up, turn read-only and go away; Linux and root only. It knows no agent.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, mkdirSync, rmSync, writeFileSync, chownSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallVolume extends Disposable {
  readonly path: string;
  /** Until nothing more goes on it. */
  fill(): void;
  /** What `fill` has taken. */
  free(): void;
  readOnly(isReadOnly: boolean): void;
  /** Takes it away; what is below it shows through. */
  detach(): void;
  /** Brings it back as it was. */
  attach(): void;
}

/** Why there can be none here, or undefined when there can. */
export function whyNoVolume(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting a volume takes root on Linux';
  try {
    using _volume = createSmallVolume();
    return undefined;
  } catch {
    return 'this machine lets nobody mount a volume';
  }
}

export function createSmallVolume({
  megabytes = 2,
  owner = 0,
}: { megabytes?: number; owner?: number } = {}): SmallVolume {
  const folder = mkdtempSync(join(tmpdir(), 'rockbot-volume-'));
  // So that another user gets through to it.
  chmodSync(folder, 0o711);
  // The content stays here while the volume is away.
  const [path, kept] = [join(folder, 'volume'), join(folder, 'kept')];
  const run = (program: string, args: string[]): void => void execFileSync(program, args, { stdio: 'pipe' });
  const mount = (...args: string[]): void => run('mount', args);
  const unmount = (target: string): void => run('umount', ['--lazy', target]);
  for (const each of [path, kept]) mkdirSync(each);
  try {
    mount('-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'rockbot-test', kept);
    chownSync(kept, owner, owner);
    mount('--bind', kept, path);
  } catch (error) {
    try {
      unmount(kept);
    } catch {
      // It had not been mounted.
    }
    rmSync(folder, { recursive: true });
    throw error;
  }
  let isAttached = true;
  const ballast = join(kept, 'ballast');
  return {
    path,
    fill() {
      for (const bytes of [65_536, 512, 1]) {
        try {
          for (;;) writeFileSync(ballast, Buffer.alloc(bytes), { flag: 'a' });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
    },
    free() {
      rmSync(ballast, { force: true });
    },
    readOnly(isReadOnly) {
      mount('-o', `remount,bind,${isReadOnly ? 'ro' : 'rw'}`, path);
    },
    detach() {
      unmount(path);
      isAttached = false;
    },
    attach() {
      mount('--bind', kept, path);
      isAttached = true;
    },
    [Symbol.dispose]() {
      if (isAttached) unmount(path);
      unmount(kept);
      rmSync(folder, { recursive: true });
    },
  };
}
