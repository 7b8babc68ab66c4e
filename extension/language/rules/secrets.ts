// Credentials that stand in the file, and placeholders for them; what is one is decided where the agent decides it.
import type { Node } from 'jsonc-parser';
import type { CredentialFinding } from '../../../shared/mcp-config/credential-rules.ts';
import { variablePattern } from '../../../shared/mcp-config/expand-variables.ts';
import { freeName } from '../free-name.ts';
import { memberOf, membersOf, type McpDocument } from '../mcp-document.ts';
import { addMember, inOneLine, removeChild, replaceText } from './edits.ts';
import { nodeAt, type FileView } from './file-view.ts';
import type { Finding, Fix } from './finding.ts';
import { partOfString } from './text-offsets.ts';

export interface SecretPlace {
  document: McpDocument;
  /** What the finding's path begins at. */
  owner: Node | undefined;
  /** The entry of the server, if it is in one. */
  entry: Node | undefined;
  /** Names of variables that the file uses. */
  taken: () => ReadonlySet<string>;
  /** Of the agent, if known. */
  environment: readonly string[] | undefined;
}

export function* findSecrets({ document, context, servers }: FileView): Generator<Finding> {
  let names: ReadonlySet<string> | undefined;
  const taken = (): ReadonlySet<string> => (names ??= variablesIn(document.text.getText()));
  const environment = context.agent?.environment;
  for (const { node, credentials } of servers) {
    for (const credential of credentials) {
      const finding = secretFinding({ document, owner: node.value, entry: node.value, taken, environment }, credential);
      if (finding !== undefined) yield finding;
    }
  }
}

/** Undefined where the tree has no text at the place, as while it is being written. */
export function secretFinding(place: SecretPlace, credential: CredentialFinding): Finding | undefined {
  const value = nodeAt(place.owner, credential.path);
  const node = credential.isKey === true ? value?.parent?.children?.[0] : value;
  if (node?.type !== 'string') return undefined;
  const span = partOfString(place.document.text.getText(), node, credential.start, credential.end);
  const fixes = (): Fix[] => fixesOf(place, credential, node, span);
  return credential.isPlaceholder
    ? {
        code: 'mcp/placeholder',
        ...span,
        message: `A placeholder stands where a credential belongs. ${advice(credential)}`,
        fixes,
      }
    : {
        code: 'mcp/secret',
        ...span,
        message: `This looks like ${credential.what}. No credential may stand in mcp.json: whoever reads the file has it. ${advice(credential)}`,
        fixes,
      };
}

function advice({ fix, path }: CredentialFinding): string {
  if (fix.class === 'use_profile') return 'Let the agent put its own token there: "auth": { "profile": "workiq" }.';
  if (fix.class === 'use_variable') return 'Put it into an environment variable of the agent and write ${NAME} here.';
  return path[0] === 'command'
    ? 'Put it into an environment variable of the agent and write ${NAME} in args.'
    : 'Remove it.';
}

function fixesOf(
  place: SecretPlace,
  { fix, path, isPlaceholder, start, end }: CredentialFinding,
  node: Node,
  span: { from: number; to: number },
): Fix[] {
  const { document, entry, environment } = place;
  if (fix.class === 'use_variable') {
    const value = String(node.value).slice(start, end);
    const written = isPlaceholder ? /^[$%]\(?\{?([A-Za-z_]\w*)\)?\}?%?$/.exec(value)?.[1] : undefined;
    const name = written ?? freeName(fix.name, place.taken(), '_');
    const title =
      environment?.includes(name) === true
        ? `Use \${${name}}, which the agent has`
        : `Move to \${${name}}; set ${name} in the agent's environment`;
    const into = (variable: string) => [replaceText(document, span.from, span.to, `\${${variable}}`)];
    // As with Docker, which is given a variable and told of it; under another name it may be another credential.
    const isNamed = path.at(-1) === fix.name || String(node.value).startsWith(`${fix.name}=`);
    const isElsewhere = isNamed && name !== fix.name && written === undefined && uses(document, entry, fix.name);
    return [
      ...(isElsewhere ? [{ title: `Use \${${fix.name}}, as elsewhere in this server`, edits: into(fix.name) }] : []),
      { title, edits: into(name) },
    ];
  }
  if (fix.class === 'use_profile') {
    const edits = entry === undefined ? undefined : profileEdits(document, entry, String(path[1]), fix.profile);
    return edits === undefined
      ? []
      : [{ title: `Use the agent's token: "auth": { "profile": "${fix.profile}" }`, edits }];
  }
  if (path[0] === 'command') return [];
  if (path[0] === 'url')
    return [{ title: 'Remove the user name and password', edits: [replaceText(document, span.from, span.to, '')] }];
  const member = node.parent?.type === 'property' ? node.parent : node;
  return [{ title: 'Remove it', edits: removeChild(document, member) }];
}

/** Takes the header away and binds the entry to the profile. */
export function profileEdits(document: McpDocument, entry: Node, header: string, profile: string) {
  const headers = memberOf(entry, 'headers');
  const property = membersOf(headers).find(({ key }) => key.value === header)?.property;
  if (headers?.parent === undefined || property === undefined) return undefined;
  const isOnly = membersOf(headers).length === 1;
  if (memberOf(entry, 'auth') !== undefined) return removeChild(document, isOnly ? headers.parent : property);
  if (!isOnly) return [...removeChild(document, property), addMember(document, entry, 'auth', { profile })];
  const { offset, length } = headers.parent;
  return [replaceText(document, offset, offset + length, `"auth": ${inOneLine({ profile })}`)];
}

/** Names in every `${NAME}`. */
export function variablesIn(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(variablePattern), ([, name = '']) => name));
}

function uses({ text }: McpDocument, entry: Node | undefined, name: string): boolean {
  if (entry === undefined) return false;
  const { offset, length } = entry;
  return text
    .getText()
    .slice(offset, offset + length)
    .includes(`\${${name}}`);
}
