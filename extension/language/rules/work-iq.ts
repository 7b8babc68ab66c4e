// Entries for Microsoft Work IQ: addresses, tenants, former names, and the bearer that only the agent can keep fresh.
import type { Node } from 'jsonc-parser';
import { agent365Origin, workIqCatalogue, workIqOrigin } from '../../../shared/work-iq-catalogue.ts';
import { tenantVariable } from '../../../shared/mcp-config/tenant-variable.ts';
import { isWorkIqAddress } from '../../../shared/mcp-config/work-iq-address.ts';
import { replaceInUrl } from './address.ts';
import { addMember, replaceNode } from './edits.ts';
import { insideOf, nameSpan, nodeAt, spanOf, type FileView, type ServerView } from './file-view.ts';
import type { Finding, Fix } from './finding.ts';
import { nearestName } from './nearest-name.ts';
import { profileEdits } from './secrets.ts';
import { textsIn } from './tools.ts';

const profile = 'workiq';
const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const tenantSegment = new RegExp(`(?<=^${agent365Origin.replaceAll('.', '\\.')}/agents/tenants/)[^/]*`, 'i');

export function* findWorkIq(view: FileView): Generator<Finding> {
  for (const server of view.servers) {
    const { entry, isShadowed } = server;
    const node = nodeAt(server.node.value, ['url']);
    if (
      isShadowed ||
      entry === undefined ||
      entry.type === 'stdio' ||
      node?.type !== 'string' ||
      !isWorkIqAddress(entry.url)
    )
      continue;
    const isSingle = entry.url.startsWith(workIqOrigin);
    yield* isSingle ? findWrongPath(view, node, entry.url) : findCatalogue(view, node, entry.url);
    yield* findMissingAuth(view, server);
    yield* findFormerTools(view, server);
  }
}

function* findWrongPath(view: FileView, node: Node, url: string): Generator<Finding> {
  if (url === `${workIqOrigin}/mcp` || url.includes('${')) return;
  yield {
    code: 'mcp/workiq-address',
    ...spanOf(node),
    message: `The MCP server of Work IQ is at ${workIqOrigin}/mcp.`,
    fixes: () => [
      { title: `Write ${workIqOrigin}/mcp`, edits: [replaceNode(view.document, node, `${workIqOrigin}/mcp`)] },
    ],
  };
}

function* findCatalogue(view: FileView, node: Node, url: string): Generator<Finding> {
  const { document } = view;
  const inside = insideOf(node);
  yield {
    code: 'mcp/workiq-legacy',
    ...inside,
    message: `The servers of Agent 365 are kept for compatibility; new work goes to the one endpoint ${workIqOrigin}/mcp, whose tools have other names.`,
    tag: 'deprecated',
    fixes: () => [
      { title: 'Use the one endpoint of Work IQ', edits: [replaceNode(document, node, `${workIqOrigin}/mcp`)] },
    ],
  };
  yield* findTenant(view, node, url);
  const id = /\/servers\/([^/?#]+)/.exec(url)?.[1];
  if (id === undefined || id.includes('${')) return;
  const legacy = workIqCatalogue.filter((entry) => entry.legacy);
  if (legacy.some(({ name }) => name === id)) return;
  const former = legacy.find(({ aliases }) => aliases.includes(id))?.name;
  const meant =
    former ??
    nearestName(
      id,
      legacy.map(({ name }) => name),
    );
  if (meant === undefined) return;
  yield {
    code: 'mcp/workiq-former-name',
    ...inside,
    message:
      former === undefined
        ? `No server "${id.slice(0, 60)}" is known: did you mean "${meant}"?`
        : `"${id}" is a former name of "${meant}", which may be refused.`,
    fixes: () => [{ title: `Write ${meant}`, edits: replaceInUrl(view, node, /(?<=\/servers\/)[^/?#]+/, meant) }],
  };
}

function* findTenant(view: FileView, node: Node, url: string): Generator<Finding> {
  const tenantId = view.context.agent?.tenantId;
  const inside = insideOf(node);
  const fixes = (pattern: RegExp, frame: (tenant: string) => string) => (): Fix[] => [
    { title: `Write \${${tenantVariable}}`, edits: replaceInUrl(view, node, pattern, frame(`\${${tenantVariable}}`)) },
    ...(tenantId === undefined
      ? []
      : [{ title: `Write ${tenantId}`, edits: replaceInUrl(view, node, pattern, frame(tenantId)) }]),
  ];
  const tenant = tenantSegment.exec(url)?.[0];
  if (tenant === undefined) {
    if (!/^https:\/\/[^/]+\/agents\/servers\//i.test(url)) return;
    yield {
      code: 'mcp/workiq-tenant',
      ...inside,
      message: 'Without the id of a tenant this address is refused for many: write /agents/tenants/{id}/servers/….',
      fixes: fixes(/(?<=\/agents\/)(?=servers\/)/i, (text) => `tenants/${text}/`),
    };
  } else if (!tenant.includes('${') && !guid.test(tenant))
    yield {
      code: 'mcp/workiq-tenant',
      ...inside,
      message: `Agent 365 wants the id of a tenant here; "${tenant.slice(0, 40)}" is refused.`,
      fixes: fixes(tenantSegment, (text) => text),
    };
  else if (tenantId !== undefined && guid.test(tenant) && tenant.toLowerCase() !== tenantId.toLowerCase())
    yield {
      code: 'mcp/workiq-tenant',
      ...inside,
      message: "This is another tenant than the agent's, whose token is refused there.",
      fixes: fixes(tenantSegment, (text) => text),
    };
}

function* findMissingAuth({ document, context }: FileView, server: ServerView): Generator<Finding> {
  const { entry, node } = server;
  if (entry === undefined || entry.type === 'stdio' || entry.auth !== undefined || node.value === undefined) return;
  if (context.agent?.profiles?.some(({ name }) => name === profile) === false) return;
  const entryNode = node.value;
  const header = Object.keys(entry.headers).find((name) => /^authorization$/i.test(name));
  // A literal one is said to be a credential.
  if (header !== undefined && server.credentials.some(({ path }) => path[1] === header)) return;
  const place = header === undefined ? nameSpan(server) : spanOf(nodeAt(entryNode, ['headers', header]) ?? node.key);
  yield {
    code: 'mcp/workiq-auth',
    ...place,
    message:
      header === undefined
        ? 'Work IQ answers nobody without a token: let the agent put its own there with "auth".'
        : 'A token of Work IQ lives about an hour, and nobody renews this one: let the agent put its own there with "auth".',
    fixes: () => {
      const edits =
        header === undefined
          ? [addMember(document, entryNode, 'auth', { profile })]
          : (profileEdits(document, entryNode, header, profile) ?? []);
      return [{ title: `Add "auth": { "profile": "${profile}" }`, edits }];
    },
  };
}

/** `ask_work_iq`, and `mcp_MailTools_graph_mail_sendMail` of the first catalogue. */
const formerSuffix = /_work_iq$/i;
const formerPrefix = /^mcp_[A-Za-z]+_graph_/;

function* findFormerTools({ document }: FileView, server: ServerView): Generator<Finding> {
  for (const list of [['allowedTools'], ['deniedTools'], ['guards', 'allow'], ['guards', 'deny']])
    for (const node of textsIn(nodeAt(server.node.value, list))) {
      const [tool = '', ...rest] = String(node.value).split(' ');
      if (!formerSuffix.test(tool) && !formerPrefix.test(tool)) continue;
      const current = [tool.replace(formerSuffix, ''), ...rest].join(' ');
      yield {
        code: 'mcp/workiq-former-name',
        ...spanOf(node),
        message: `"${tool.slice(0, 80)}" is the name that a tool had before Work IQ was generally available.`,
        tag: 'deprecated',
        fixes: () =>
          formerSuffix.test(tool)
            ? [{ title: `Write "${current.slice(0, 80)}"`, edits: [replaceNode(document, node, current)] }]
            : [],
      };
    }
}
