// patrols.json as text to patrols with their problems; one bad patrol does not spoil the others.
import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';
import * as z from 'zod';
import { findInMembers } from '../mcp-config/credential-rules.ts';
import { parseJsonc } from '../parse-jsonc.ts';
import { didYouMean } from './did-you-mean.ts';
import { parsePatrol } from './parse-patrol.ts';
import type { Patrol } from './patrol.ts';
import type { PatrolProblem } from './patrol-problem.ts';

export interface ParsedPatrol {
  name: string;
  /** Undefined when it cannot be used; `problems` say why. */
  patrol: Patrol | undefined;
  problems: PatrolProblem[];
}

/** `problem` is of the file as a whole, in plain words with its line. */
export type ParsedPatrols = { ok: true; patrols: ParsedPatrol[] } | { ok: false; problem: string };

const maxLength = 1_000_000;
const maxPatrols = 200;
const fileSchema = z.looseObject({ patrols: z.record(z.string(), z.unknown()).optional() });

/** JSON with comments and trailing commas. `{}` means no patrols; an empty file does not, for it may be one that is being saved. */
export function parsePatrols(text: string): ParsedPatrols {
  if (text.trim() === '') return { ok: false, problem: 'the file is empty; write {} for no patrols' };
  if (text.length > maxLength) return { ok: false, problem: `the file is longer than ${maxLength} characters` };
  const json = parseJsonc(text);
  if (!json.ok) return json;
  const file = fileSchema.safeParse(json.value);
  const tree = parseTree(text, [], { allowTrailingComma: true });
  if (!file.success || tree === undefined)
    return { ok: false, problem: 'the top level must be an object with "patrols", an object of patrols by name' };
  const lines = lineNumbers(text);
  const problem = topLevelProblem(file.data);
  if (problem !== undefined) return { ok: false, problem };
  // As they stand in the text: a name such as "__proto__" is none in the value.
  const names = (findNodeAtLocation(tree, ['patrols'])?.children ?? []).map(({ children }) =>
    String(children?.[0]?.value),
  );
  if (names.length > maxPatrols) return { ok: false, problem: `there are more than ${maxPatrols} patrols` };
  const raws = file.data.patrols ?? {};
  return {
    ok: true,
    patrols: names.map((name) => {
      const { patrol, problems } = parsePatrol(name, Object.hasOwn(raws, name) ? raws[name] : undefined);
      return {
        name,
        patrol,
        problems: problems.map((found) => ({
          line: lines(nodeAt(tree, ['patrols', name, ...found.path]).offset),
          ...found,
        })),
      };
    }),
  };
}

function topLevelProblem({
  patrols,
  $schema: _schema,
  ...others
}: Readonly<Record<string, unknown>>): string | undefined {
  const credential = [...findInMembers(others)].find(({ isPlaceholder }) => !isPlaceholder);
  if (credential !== undefined) return credential.sentence;
  const [key] = Object.keys(others);
  if (key === undefined) return undefined;
  const shown = `the top level has "${key.slice(0, 40)}"`;
  const meant = didYouMean(key, ['patrols', '$schema']);
  if (meant !== '') return `${shown}: ${meant}`;
  return patrols === undefined
    ? `${shown}, but no "patrols": did you mean to put it into "patrols"?`
    : `${shown}, which is not known here: there are patrols and $schema`;
}

/** The node at the place, or the closest one around it. */
function nodeAt(tree: Node, path: readonly (string | number)[]): Node {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node !== undefined) return node.parent?.type === 'property' ? node.parent : node;
  }
  return tree;
}

/** From an offset to its line, from 1. */
function lineNumbers(text: string): (offset: number) => number {
  const ends: number[] = [];
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) ends.push(index);
  return (offset) => ends.findLastIndex((end) => end < offset) + 2;
}
