// Reads a Dockerfile into its stages and an ignore file into what the build may see; as much of both formats as deploy/ uses.
import { globSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';

export interface Instruction {
  /** In upper case. */
  name: string;
  /** Options such as `from`, of `--from=build`. */
  flags: Record<string, string>;
  /** The rest of the line, with continued lines joined. */
  rest: string;
}

export interface Stage {
  base: string;
  name: string | undefined;
  instructions: Instruction[];
}

export interface Dockerfile {
  /** Before the first stage, with their defaults. */
  arguments: Record<string, string>;
  stages: Stage[];
}

/** Throws for an instruction outside of a stage that is no ARG. */
export function parseDockerfile(text: string): Dockerfile {
  const joined = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n/g, ' ');
  const file: Dockerfile = { arguments: {}, stages: [] };
  for (const line of joined.split('\n')) {
    if (line.trim() === '') continue;
    const instruction = parseInstruction(line.trim());
    const { name, rest } = instruction;
    if (name === 'FROM') {
      const [base = '', , stage] = rest.split(/\s+/);
      file.stages.push({
        base: base.replace(/^\$\{(\w+)\}$/, (_, argument: string) => file.arguments[argument] ?? ''),
        name: stage,
        instructions: [],
      });
    } else if (file.stages.length === 0) {
      if (name !== 'ARG') throw new Error(`${name} before the first stage`);
      const [argument = '', value = ''] = rest.split('=');
      file.arguments[argument] = value;
    } else file.stages.at(-1)?.instructions.push(instruction);
  }
  return file;
}

function parseInstruction(line: string): Instruction {
  const [name = '', ...words] = line.split(/\s+/);
  const flags: Record<string, string> = {};
  while (words[0]?.startsWith('--') === true) {
    const [flag = '', value = ''] = (words.shift() ?? '').slice(2).split('=');
    flags[flag] = value;
  }
  return { name: name.toUpperCase(), flags, rest: words.join(' ') };
}

/** All arguments of an instruction in JSON form. */
export function jsonForm(stage: Stage | undefined, name: string): string[] {
  const rest = stage?.instructions.findLast((instruction) => instruction.name === name)?.rest;
  return z.array(z.string()).parse(JSON.parse(rest ?? 'null'));
}

/** Whether the build sees a path of the repository; the last line that fits decides. */
export function isInContext(path: string, ignoreFile: string): boolean {
  let isIncluded = true;
  for (const line of ignoreFile.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const pattern = toPattern(line.replace(/^!/, ''));
    const fits = path.split('/').some((_, index, parts) => pattern.test(parts.slice(0, index + 1).join('/')));
    if (fits) isIncluded = line.startsWith('!');
  }
  return isIncluded;
}

/** As Docker reads it: names that begin with a dot are no exception. */
function toPattern(line: string): RegExp {
  const escaped = line.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('**/', '(?:.*/)?').replaceAll(/(?<!\.)\*/g, '[^/]*')}$`);
}

/** Does what the COPY instructions of a stage say, from `source` (the root of the stage or context copied from) to `target`. */
export async function layOut(stage: Stage, { source, target }: { source: string; target: string }): Promise<string[]> {
  const copied: string[] = [];
  let folder = target;
  for (const { name, rest } of stage.instructions) {
    if (name === 'WORKDIR') {
      folder = join(target, rest);
      await mkdir(folder, { recursive: true });
    }
    if (name !== 'COPY') continue;
    const words = rest.split(/\s+/);
    const destination = words.pop() ?? '';
    const files = words.flatMap((word) => globSync(join(source, word)));
    if (files.length === 0) throw new Error(`COPY ${rest}: there is none of these`);
    for (const file of files) {
      const path = destination.startsWith('/') ? join(target, destination) : join(folder, destination);
      await cp(file, join(path, basename(file)), { recursive: true });
      copied.push(basename(file));
    }
  }
  return copied;
}
