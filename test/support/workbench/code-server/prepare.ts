// Turns a fresh `npm ci` of this folder into the server's root: what is needed, where the server looks for it. Fetches nothing.
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Built-in extensions that no test needs; they would make a start slower and take time from the activation that is measured. */
const unneeded = `
  copilot debug-auto-launch debug-server-ready emmet extension-editing git git-base github grunt gulp ipynb jake
  mermaid-markdown-features merge-conflict microsoft-authentication ms-vscode.js-debug ms-vscode.js-debug-companion
  ms-vscode.vscode-js-profile-table notebook-renderers npm php-language-features simple-browser terminal-suggest
  tunnel-forwarding typescript-language-features
`;

export async function prepare(root: string): Promise<void> {
  const modules = join(root, 'node_modules');
  const code = join(modules, 'code-server', 'lib', 'vscode');
  for (const name of ['out', 'extensions', 'resources', 'bin', 'package.json', 'product.json']) {
    await rm(join(root, name), { recursive: true, force: true });
    await rename(join(code, name), join(root, name));
  }
  await rm(join(modules, 'code-server'), { recursive: true, force: true });
  const extensions = await readdir(join(root, 'extensions'));
  for (const name of unneeded.split(/\s+/).filter((one) => extensions.includes(one)))
    await rm(join(root, 'extensions', name), { recursive: true, force: true });
  const spdlog = join(modules, '@vscode', 'spdlog', 'index.js');
  await mkdir(dirname(spdlog), { recursive: true });
  await copyFile(join(root, 'spdlog.cjs'), spdlog);
  await openLocalAddressesAsTheyAre(join(root, 'out/vs/code/browser/workbench/workbench.js'));
}

/**
 * The server sends the browser to a path of its own for addresses of this machine, as if the browser were elsewhere. With
 * `globalThis.sameMachine` set in the page it leaves them alone, as VS Code on the desktop does.
 */
async function openLocalAddressesAsTheyAre(file: string): Promise<void> {
  const source = await readFile(file, 'utf8');
  const changed = source.replace(
    /resolveExternalUri:(\w+)=>\{/,
    (head, uri) => `${head}if(globalThis.sameMachine)return ${uri};`,
  );
  if (changed === source) throw new Error('This version of the workbench resolves external addresses in another way.');
  await writeFile(file, changed);
}
