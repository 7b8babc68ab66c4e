// rockbot resources list, resources read
import { writeFile } from 'node:fs/promises';
import type { ResourceContent } from '../../../shared/contract/resource-messages.ts';
import { RockBotError } from '../../../shared/errors/rockbot-error.ts';
import { cleanBlock, cleanLine } from '../../results/clean-text.ts';
import { requestTimeoutMs, type CliContext } from '../cli-context.ts';
import type { InvocationOf } from '../invocation.ts';
import { durationText } from '../render/date-text.ts';
import { aboutText, contentLines } from './content-text.ts';

/** Longest that an agent gives a read of its own accord (`McpBridge__MaxTimeoutMs`). */
export const longestReadMs = 300_000;
export const readGraceMs = 5_000;

export async function resourcesList(invocation: InvocationOf<'resources_list'>, context: CliContext): Promise<void> {
  const { output, settings, signal } = context;
  const { server } = invocation;
  const connection = await context.bus();
  using _ = output.wait(`Asking the agent ${settings.agent} for its resources`);
  const timeoutMs = settings.timeoutMs ?? requestTimeoutMs;
  const reply = await connection.request('resourceList', server === undefined ? {} : { server }, { signal, timeoutMs });
  output.json(reply);
  const { view } = output;
  if (reply.servers.length === 0) output.lines([view.colors.dim('The agent has no MCP servers yet.')]);
  output.lines(
    reply.servers.flatMap((item, index) => {
      const items = [
        ...item.resources.map((resource) => ({
          id: resource.uri,
          about: aboutText(
            { ...resource, title: resource.title ?? resource.name },
            resource.mimeType ?? '',
            resource.size === undefined ? '' : sizeText(resource.size),
          ),
        })),
        ...item.templates.map((template) => ({
          id: template.uriTemplate,
          about: aboutText(
            { ...template, title: `template: ${template.title ?? template.name}` },
            template.mimeType ?? '',
          ),
        })),
      ];
      return [...(index > 0 ? [''] : []), ...contentLines(item, { kind: 'resources', items }, view)];
    }),
  );
}

export async function resourcesRead(invocation: InvocationOf<'resources_read'>, context: CliContext): Promise<void> {
  const { output, settings, signal } = context;
  const { server, uri, file } = invocation;
  const { timeoutMs } = settings;
  const connection = await context.bus();
  const spinner = output.wait(`Reading ${cleanLine(uri)}`);
  const reply = await connection
    .request(
      'resourceRead',
      { server, uri, ...(timeoutMs !== undefined && { timeoutMs }) },
      { signal, timeoutMs: (timeoutMs ?? longestReadMs) + readGraceMs },
    )
    .finally(() => {
      spinner.stop();
    });
  if (file !== undefined) {
    const bytes = bytesOf(reply.contents);
    await save(file, bytes);
    output.json({ ok: true, server, uri, file, bytes: bytes.length });
    if (!output.isJson) output.say(`Saved ${sizeText(bytes.length)} to ${file}.`);
    return;
  }
  output.json(reply);
  output.lines(() => reply.contents.flatMap((content) => contentText(content, reply.contents.length > 1)));
  if (!output.isJson) {
    output.note(output.noteColors.dim(`${cleanLine(server)} ${cleanLine(uri)}, ${durationText(reply.durationMs)}`));
  }
}

function contentText({ uri, mimeType, text, blob }: ResourceContent, isOneOfSeveral: boolean): string[] {
  const heading = isOneOfSeveral ? [`${cleanLine(uri)}:`] : [];
  if (text !== undefined) return [...heading, ...cleanBlock(text).split('\n')];
  const size = sizeText(Buffer.from(blob ?? '', 'base64').length);
  return [...heading, `(${cleanLine(mimeType ?? 'binary')}, ${size}; save it with --output <file>)`];
}

function bytesOf(contents: readonly ResourceContent[]): Buffer {
  const [content] = contents;
  if (content === undefined || contents.length > 1) {
    throw new RockBotError({
      code: 'execution_failed',
      message: `The resource has ${contents.length} parts; one file cannot hold them.`,
      action: 'Read it with --json.',
    });
  }
  return content.blob === undefined ? Buffer.from(content.text ?? '') : Buffer.from(content.blob, 'base64');
}

async function save(file: string, bytes: Buffer): Promise<void> {
  try {
    await writeFile(file, bytes);
  } catch (error) {
    throw new RockBotError({
      code: 'execution_failed',
      message: `The file ${file} cannot be written (${(error as NodeJS.ErrnoException).code}).`,
      action: 'Give another --output.',
      cause: error,
    });
  }
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
