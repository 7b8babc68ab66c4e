// The part of the command line about what MCP servers have beside tools; it runs nothing.
import type { Command } from 'commander';
import type { Invocation } from './invocation.ts';

export function addContentCommands(
  program: Command,
  done: (invocation: Invocation) => void,
  examples: (...lines: string[]) => string,
): void {
  const resources = program.command('resources').description('resources of the MCP servers: what they offer to read');
  resources
    .command('list')
    .argument('[server]', 'only of this server')
    .description('list resources and templates of resources')
    .addHelpText('after', examples('rockbot resources list', 'rockbot resources list docs --json'))
    .action((server: string | undefined) => done({ kind: 'resources_list', server }));
  resources
    .command('read')
    .argument('<server>')
    .argument('<uri>', 'as "rockbot resources list" names it')
    .description('read a resource and show it, or save it to a file')
    .option('-o, --output <file>', 'write its bytes to this file')
    .addHelpText(
      'after',
      examples('rockbot resources read docs docs://guide', 'rockbot resources read docs docs://logo -o logo.png'),
    )
    .action((server: string, uri: string, { output: file }: { output?: string }) =>
      done({ kind: 'resources_read', server, uri, file }),
    );
  const prompts = program.command('prompts').description('prompts of the MCP servers: texts to fill in for a model');
  prompts
    .command('list')
    .argument('[server]', 'only of this server')
    .description('list prompts and their arguments')
    .addHelpText('after', examples('rockbot prompts list'))
    .action((server: string | undefined) => done({ kind: 'prompts_list', server }));
  prompts
    .command('get')
    .argument('<server>')
    .argument('<name>')
    .description('fill in a prompt and show its messages')
    .option('--args <json>', 'arguments as JSON object of texts, @file to read a file, @- to read stdin')
    .addHelpText('after', examples(`rockbot prompts get docs summary --args '{"day":"Monday"}'`))
    .action((server: string, name: string, { args }: { args?: string }) =>
      done({ kind: 'prompts_get', server, name, args }),
    );
}
