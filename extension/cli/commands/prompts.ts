// rockbot prompts list, prompts get
import * as z from 'zod';
import type { PromptReply } from '../../../shared/contract/prompt-messages.ts';
import { cleanBlock, cleanLine } from '../../results/clean-text.ts';
import { requestTimeoutMs, type CliContext } from '../cli-context.ts';
import { UsageError } from '../cli-errors.ts';
import type { InvocationOf } from '../invocation.ts';
import { durationText } from '../render/date-text.ts';
import type { View } from '../render/view.ts';
import { aboutText, contentLines } from './content-text.ts';
import { longestReadMs, readGraceMs } from './resources.ts';
import { readToolArguments } from './tool-arguments.ts';

export async function promptsList(invocation: InvocationOf<'prompts_list'>, context: CliContext): Promise<void> {
  const { output, settings, signal } = context;
  const { server } = invocation;
  const connection = await context.bus();
  using _ = output.wait(`Asking the agent ${settings.agent} for its prompts`);
  const timeoutMs = settings.timeoutMs ?? requestTimeoutMs;
  const reply = await connection.request('promptList', server === undefined ? {} : { server }, { signal, timeoutMs });
  output.json(reply);
  const { view } = output;
  if (reply.servers.length === 0) output.lines([view.colors.dim('The agent has no MCP servers yet.')]);
  output.lines(
    reply.servers.flatMap((item, index) => {
      const items = item.prompts.map((prompt) => {
        const names = (prompt.arguments ?? []).map(({ name, required }) => (required === true ? name : `[${name}]`));
        return { id: prompt.name, about: aboutText(prompt, names.join(' ')) };
      });
      return [...(index > 0 ? [''] : []), ...contentLines(item, { kind: 'prompts', items }, view)];
    }),
  );
}

export async function promptsGet(invocation: InvocationOf<'prompts_get'>, context: CliContext): Promise<void> {
  const { output, settings, signal } = context;
  const { server, name } = invocation;
  const { timeoutMs } = settings;
  const given = z.record(z.string(), z.string()).safeParse(await readToolArguments(invocation.args, context));
  if (!given.success)
    throw new UsageError('The arguments of a prompt are texts.', `Give for example --args '{"day":"Monday"}'.`);
  const connection = await context.bus();
  const spinner = output.wait(`Asking ${cleanLine(server)} for ${cleanLine(name)}`);
  const reply = await connection
    .request(
      'promptGet',
      { server, name, arguments: given.data, ...(timeoutMs !== undefined && { timeoutMs }) },
      { signal, timeoutMs: (timeoutMs ?? longestReadMs) + readGraceMs },
    )
    .finally(() => {
      spinner.stop();
    });
  output.json(reply);
  output.lines(() => messageLines(reply, output.view));
  if (!output.isJson) {
    output.note(output.noteColors.dim(`${cleanLine(server)} ${cleanLine(name)}, ${durationText(reply.durationMs)}`));
  }
}

const textContent = z.looseObject({ type: z.literal('text'), text: z.string() });

function messageLines({ description, messages }: PromptReply, { colors }: View): string[] {
  return [
    ...(description === undefined ? [] : [colors.dim(cleanLine(description)), '']),
    ...messages.flatMap(({ role, content }, index) => {
      const text = textContent.safeParse(content).data?.text;
      return [
        ...(index > 0 ? [''] : []),
        colors.bold(`${cleanLine(role)}:`),
        ...(text === undefined ? [`(${cleanLine(content.type)}; see --json)`] : cleanBlock(text).split('\n')),
      ];
    }),
  ];
}
