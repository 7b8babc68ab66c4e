// Turns a fresh `npm ci` of this folder into the server's root: what is needed, where the server looks for it. Fetches nothing.
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Built-in extensions that no test needs; they would make a start slower and take time from the activation that is measured. */
const unneeded = [
  'copilot debug-auto-launch debug-server-ready emmet extension-editing git git-base github github-authentication grunt',
  'gulp ipynb jake mermaid-markdown-features merge-conflict microsoft-authentication ms-vscode.js-debug',
  'ms-vscode.js-debug-companion ms-vscode.vscode-js-profile-table notebook-renderers npm php-language-features',
  'simple-browser terminal-suggest tunnel-forwarding typescript-language-features',
].flatMap((names) => names.split(' '));

export async function prepare(root: string): Promise<void> {
  const modules = join(root, 'node_modules');
  const code = join(modules, 'code-server', 'lib', 'vscode');
  for (const name of ['out', 'extensions', 'resources', 'bin', 'package.json', 'product.json']) {
    await rm(join(root, name), { recursive: true, force: true });
    await rename(join(code, name), join(root, name));
  }
  await rm(join(modules, 'code-server'), { recursive: true, force: true });
  for (const name of unneeded) await rm(join(root, 'extensions', name), { recursive: true });

  const spdlog = join(modules, '@vscode', 'spdlog', 'index.js');
  await mkdir(dirname(spdlog), { recursive: true });
  await copyFile(join(root, 'spdlog.cjs'), spdlog);

  const workbench = join(root, 'out/vs/code/browser/workbench/workbench.js');
  let source = await readFile(workbench, 'utf8');
  // The window has a list of its own of what is built in.
  source = replaced(
    source,
    /builtinExtensionsPromises=(\w+)\.map\(/,
    (_, list) =>
      `builtinExtensionsPromises=${list}.filter(e=>!${JSON.stringify(unneeded)}.includes(e.extensionPath)).map(`,
  );
  // The server sends the browser to a path of its own for addresses of this machine, as if the browser were elsewhere. With
  // `globalThis.sameMachine` set in the page it leaves them alone, as VS Code on the desktop does.
  source = replaced(
    source,
    /resolveExternalUri:(\w+)=>\{/,
    (head, uri) => `${head}if(globalThis.sameMachine)return ${uri};`,
  );
  await writeFile(workbench, source);
}

function replaced(source: string, pattern: RegExp, by: (found: string, group: string) => string): string {
  if (!pattern.test(source)) throw new Error(`This version of the workbench has no ${pattern.source}.`);
  return source.replace(pattern, by);
}
