// Whether a file really lies in a folder, whatever links lead to either. It reads no content.
import { realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';

/** False when either is not there. */
export function isInside(path: string, folder: string): boolean {
  try {
    const way = relative(realpathSync(folder), realpathSync(path));
    return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  } catch {
    return false;
  }
}
