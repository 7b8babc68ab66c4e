// The catalogue's people tools over the simulated Graph. Knows no HTTP and no framing.
import { asText } from './catalogue-answer.ts';
import { createCatalogueServer, type CatalogueHandler } from './catalogue-server.ts';
import { ME_TOOLS } from './me-definitions.ts';
import { textOf, textsOf, type ToolArguments } from './tool.ts';
import type { ToolServer } from './tool-call.ts';

export function createMeServer(): ToolServer {
  return createCatalogueServer({ name: 'mcp_MeServer', definitions: ME_TOOLS, handlers: HANDLERS });
}

const HANDLERS: Record<string, CatalogueHandler> = {
  GetMyDetails: (call, run) => asText(call, run('fetch', `/me${select(call.args)}`)),
  GetUserDetails: (call, run) => asText(call, run('fetch', `${user(call.args, 'userIdentifier')}${select(call.args)}`)),
  GetMultipleUsersDetails: (call, run) => {
    const property = textOf(call.args, 'propertyToSearchBy') ?? 'displayName';
    const values = textsOf(call.args, 'searchValues') ?? [];
    const filter = values.map((value) => `startswith(${property},'${value.replaceAll("'", "''")}')`).join(' or ');
    return asText(
      call,
      run('fetch', `/users?$filter=${encodeURIComponent(filter)}${select(call.args).replace('?', '&')}`),
    );
  },
  GetManagerDetails: (call, run) =>
    asText(call, run('fetch', `${user(call.args, 'userId')}/manager${select(call.args)}`)),
  GetDirectReportsDetails: (call, run) =>
    asText(call, run('fetch', `${user(call.args, 'userId')}/directReports${select(call.args)}`)),
};

function user(args: ToolArguments, name: string): string {
  const identifier = textOf(args, name) ?? 'me';
  return identifier === 'me' ? '/me' : `/users/${encodeURIComponent(identifier)}`;
}

function select(args: ToolArguments): string {
  const names = textOf(args, 'select');
  return names ? `?$select=${encodeURIComponent(names)}` : '';
}
