// What the source itself imports, types included: the bundler's account leaves those out.
import { glob, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Import } from './fence-rules.ts';

const specifier = /^(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]|(?:^import|\bimport\()\s*['"]([^'"]+)['"]/gm;

/** `path` from the top of the repository, with `/`. */
export function importsIn(path: string, source: string): Import[] {
  return [...source.matchAll(specifier)].map(([, named, bare]) => {
    const to = named ?? bare ?? '';
    return { from: path, to: to.startsWith('.') ? posix.join(posix.dirname(path), to) : packagePath(to) };
  });
}

export async function sourceImports(): Promise<Import[]> {
  const imports: Import[] = [];
  for await (const file of glob('{shared,agent,extension,test}/**/*.ts')) {
    const path = file.replaceAll('\\', '/');
    imports.push(...importsIn(path, await readFile(file, 'utf8')));
  }
  return imports;
}

function packagePath(name: string): string {
  return name.startsWith('node:') || name === 'vscode' ? name : `node_modules/${name}`;
}
