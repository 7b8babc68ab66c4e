// rockbot patrols validate: a patrols.json on this machine, without agent and bus, or what the agent says about its own.
import type { CliContext } from '../cli-context.ts';
import { requestTimeoutMs } from '../cli-context.ts';
import { exitCodes } from '../exit-code.ts';
import type { InvocationOf } from '../invocation.ts';
import { readSettingFile } from '../read-setting-file.ts';
import { counted } from '../../../shared/counted.ts';
import { cleanLine } from '../../results/clean-text.ts';

interface Validated {
  /** What was checked, for people. */
  name: string;
  patrols: number;
  problems: FoundProblem[];
}

interface FoundProblem {
  patrol?: string;
  /** From 1. */
  line?: number;
  /** As `steps[0].when`. */
  place?: string;
  message: string;
}

/** @returns the exit code: problems are a matter of configuration. */
export async function patrolsValidate(
  { file }: InvocationOf<'patrols_validate'>,
  context: CliContext,
): Promise<number> {
  const { output } = context;
  const { name, patrols, problems } = file === undefined ? await ofAgent(context) : await ofFile(file);
  output.json({ ok: true, valid: problems.length === 0, patrols, problems });
  const { colors } = output.view;
  output.lines(() => [
    ...problems.map((problem) => problemLine(problem, file)).map((line) => `${colors.red('✖')} ${line}`),
    problems.length === 0
      ? `${colors.green('✔')} ${cleanLine(name)}: ${counted(patrols, 'patrol')}, no problems.`
      : colors.red(`${cleanLine(name)}: ${counted(problems.length, 'problem')}.`),
  ]);
  return problems.length === 0 ? exitCodes.ok : exitCodes.configuration;
}

/** As compilers write it, so that terminals and editors find the place. */
function problemLine({ patrol, line, place, message }: FoundProblem, file: string | undefined): string {
  const where = file === undefined ? '' : `${cleanLine(file)}${line === undefined ? '' : `:${line}`}: `;
  const of = [patrol === undefined ? '' : cleanLine(patrol), place === undefined ? '' : cleanLine(place)]
    .filter(Boolean)
    .join(' ');
  return `${where}${of === '' ? '' : `${of}: `}${cleanLine(message)}`;
}

async function ofFile(file: string): Promise<Validated> {
  const text = await readSettingFile(file, 'patrols file');
  // Time zones, cron and JMESPath: no other command needs them.
  const { parsePatrols } = await import('../../../shared/patrols/parse-patrols.ts');
  const { placeText } = await import('../../../shared/place-text.ts');
  const parsed = parsePatrols(text);
  if (!parsed.ok) {
    const [, line] = /\bline (\d+)\b/.exec(parsed.problem) ?? [];
    return {
      name: file,
      patrols: 0,
      problems: [{ message: parsed.problem, ...(line !== undefined && { line: Number(line) }) }],
    };
  }
  const problems = parsed.patrols.flatMap(({ name: patrol, problems: found }) =>
    found.map(({ line, path, message }) => {
      const place = placeText(path);
      return { patrol, line, ...(place !== '' && { place }), message };
    }),
  );
  return { name: file, patrols: parsed.patrols.length, problems };
}

async function ofAgent({ bus, output, settings, signal }: CliContext): Promise<Validated> {
  const connection = await bus();
  using _ = output.wait(`Asking the agent ${settings.agent} about its patrols.json`);
  const { patrols, problems } = await connection.request(
    'patrolList',
    {},
    { signal, timeoutMs: settings.timeoutMs ?? requestTimeoutMs },
  );
  return {
    name: `patrols.json of the agent ${settings.agent}`,
    patrols: patrols.length,
    problems: [
      ...problems.map((message) => ({ message })),
      ...patrols.flatMap(({ name: patrol, problems: found }) => found.map((message) => ({ patrol, message }))),
    ],
  };
}
