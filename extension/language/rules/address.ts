// The address of a server: whether it is one, whether it fits the type, and whether the profile's bearer may go there.
import type { Node } from 'jsonc-parser';
import { isLoopbackHost } from '../../../shared/origin.ts';
import { isWorkIqAddress } from '../../../shared/mcp-config/work-iq-address.ts';
import { holdsLiteral, isCredentialHeader } from '../../../shared/mcp-config/credential-forms.ts';
import { memberOf } from '../mcp-document.ts';
import { addMember, removeChild, replaceNode, replaceText } from './edits.ts';
import { insideOf, memberAt, nodeAt, spanOf, type FileView, type ServerView } from './file-view.ts';
import type { Finding, Fix } from './finding.ts';

export function* findAddressProblems(view: FileView): Generator<Finding> {
  const seen = new Map<string, string>();
  for (const server of view.servers) {
    const { entry, isShadowed } = server;
    if (isShadowed || entry === undefined || entry.type === 'stdio') continue;
    const node = nodeAt(server.node.value, ['url']);
    if (node === undefined) continue;
    const same = JSON.stringify([entry.url, entry.auth?.profile, entry.headers]);
    const earlier = seen.get(same);
    if (earlier !== undefined && entry.enabled)
      yield {
        code: 'mcp/same-address',
        ...spanOf(node),
        message: `"${earlier.slice(0, 60)}" has the same address and credentials: its tools are offered twice.`,
      };
    else if (entry.enabled) seen.set(same, server.name);
    yield* findInAddress(view, server, { written: entry.url, isSse: entry.type === 'sse', node });
  }
}

interface Address {
  written: string;
  isSse: boolean;
  node: Node;
}

function* findInAddress(view: FileView, server: ServerView, address: Address): Generator<Finding> {
  const { written, node } = address;
  // What a variable stands for is not known here; where it begins the address, nothing is.
  if (written.startsWith('${')) return;
  const text = written.replace(/\$\{[^{}]*\}/g, 'x');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    yield {
      code: 'mcp/bad-url',
      ...spanOf(node),
      message: 'This is no address that the agent can reach: it begins with https://, or with http:// on this machine.',
      fixes: () => readdressed(view, node, written),
    };
    return;
  }
  yield* findInsecure(view, server, { url, address });
  yield* findWrongTransport(view, server, { url, address });
  if (!/^[a-z]+:\/\/[^/?#]*\$\{/i.test(written)) yield* findForeignOrigin(view, server, { url, node });
}

function readdressed({ document }: FileView, node: Node, written: string): Fix[] {
  const rest = written.trim().replace(/^(?:(?:wss?|https?|ftp):)?\/*/i, '');
  const isLocal = /^(?:localhost|127\.|\[::1\])/.test(rest);
  const meant = `${isLocal ? 'http' : 'https'}://${rest}`;
  const isGood = rest !== '' && URL.canParse(meant.replace(/\$\{[^{}]*\}/g, 'x'));
  return isGood
    ? [{ title: `Write ${isLocal ? 'http' : 'https'}:// before it`, edits: [replaceNode(document, node, meant)] }]
    : [];
}

function* findInsecure(
  { document }: FileView,
  { entry }: ServerView,
  { url, address: { node, written } }: { url: URL; address: Address },
): Generator<Finding> {
  if (url.protocol !== 'http:' || isLoopbackHost(url.hostname) || entry === undefined || entry.type === 'stdio') return;
  const hasCredential = Object.entries(entry.headers).some(
    ([name, value]) => isCredentialHeader(name) && (holdsLiteral(value) || value.includes('${')),
  );
  const isAtRisk = entry.auth !== undefined || hasCredential || isWorkIqAddress(written.replace(/^http:/i, 'https:'));
  yield {
    code: 'mcp/insecure-url',
    ...insideOf(node),
    message:
      entry.auth === undefined
        ? `Whatever is sent to http://${url.host} can be read on the way${hasCredential ? ', the credential in its headers, too' : ''}. Use https.`
        : 'The token of a profile goes over https only, except on this machine. Use https.',
    severity: isAtRisk ? 'warning' : 'information',
    fixes: () => [{ title: 'Use https', edits: [replaceNode(document, node, written.replace(/^http:/i, 'https:'))] }],
  };
}

function* findWrongTransport(
  { document }: FileView,
  server: ServerView,
  { url, address: { isSse, written } }: { url: URL; address: Address },
): Generator<Finding> {
  const end = url.pathname.replace(/\/+$/, '').toLowerCase();
  const isHttp = end.endsWith('/mcp') || isWorkIqAddress(written);
  const meant = isSse && isHttp ? 'streamable-http' : !isSse && end.endsWith('/sse') ? 'sse' : undefined;
  const type = memberOf(server.node.value, 'type');
  const place = type ?? nodeAt(server.node.value, ['url']);
  if (meant === undefined || place === undefined) return;
  yield {
    code: 'mcp/wrong-transport',
    ...spanOf(place),
    message: `An address that ends like this is most likely of type "${meant}"${isSse ? '' : '; without it the agent speaks streamable HTTP'}.`,
    fixes: () => [
      {
        title: `Change the type to "${meant}"`,
        edits:
          type !== undefined
            ? [replaceNode(document, type, meant)]
            : server.node.value === undefined
              ? []
              : [addMember(document, server.node.value, 'type', meant)],
      },
    ],
  };
}

function* findForeignOrigin(
  { document, context }: FileView,
  server: ServerView,
  { url, node }: { url: URL; node: Node },
): Generator<Finding> {
  const { entry } = server;
  if (entry === undefined || entry.type === 'stdio' || entry.auth === undefined) return;
  const { profile } = entry.auth;
  const profiles = context.agent?.profiles ?? [];
  const facts = profiles.find(({ name }) => name === profile);
  if (facts === undefined || facts.allowedOrigins.includes(url.origin)) return;
  const others = profiles.filter(({ allowedOrigins }) => allowedOrigins.includes(url.origin));
  yield {
    code: 'mcp/origin-not-allowed',
    ...insideOf(node),
    message: `The token of profile "${profile}" may not go to ${url.origin}, so that the agent sends none. It may go to ${facts.allowedOrigins.slice(0, 5).join(', ') || 'no origin'}.`,
    fixes: () => {
      const value = nodeAt(server.node.value, ['auth', 'profile']);
      const auth = memberAt(server, ['auth'])?.property;
      return [
        ...(value === undefined
          ? []
          : others.map(({ name }) => ({
              title: `Use the profile "${name}"`,
              edits: [replaceNode(document, value, name)],
            }))),
        ...(auth === undefined ? [] : [{ title: 'Remove "auth"', edits: removeChild(document, auth) }]),
      ];
    },
  };
}

/** Part of a url. */
export function replaceInUrl({ document }: FileView, node: Node, pattern: RegExp, text: string): Fix['edits'] {
  const written = String(node.value);
  const replaced = written.replace(pattern, () => text);
  return replaced === written
    ? []
    : [replaceText(document, node.offset, node.offset + node.length, JSON.stringify(replaced))];
}
