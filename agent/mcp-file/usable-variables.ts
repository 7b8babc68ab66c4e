// Which names of the agent's environment a person who edits mcp.json may learn: those that an entry could sensibly use. Never a value.
import { looksLikeCredential } from '../../shared/mcp-config/credential-forms.ts';
import { variablePattern } from '../../shared/mcp-config/expand-variables.ts';
import { tenantVariable } from '../../shared/mcp-config/tenant-variable.ts';

/** Of the agent itself, its runtime, its shell and its proxies. */
const own =
  /^(?:(?:Agent|Nats|WorkIQ|Auth|McpBridge|Patrols|Http|Notify|Log)__|ROCKBOT_|OTEL_|NODE_|npm_|VSCODE_|ELECTRON_|XDG_|LC_|SSH_|(?:HTTPS?|ALL|NO|FTP)_PROXY$|(?:PATH|HOME|HOSTNAME|SHELL|SHLVL|PWD|OLDPWD|USER|LOGNAME|LANG|LANGUAGE|TERM|TZ|TMPDIR|MAIL|EDITOR|DISPLAY|_)$)/i;
/** What Kubernetes says of every service of the namespace: a map of the cluster. */
const ofCluster =
  /^KUBERNETES_|_SERVICE_(?:HOST|PORT)(?:_\w+)?$|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?$/;
const name = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const maxNames = 500;

/** In alphabetical order behind the one that is always there; bounded. */
export function usableVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const names = Object.keys(env).filter(
    (key) =>
      env[key] !== undefined && name.test(key) && !own.test(key) && !ofCluster.test(key) && !looksLikeCredential(key),
  );
  return [...new Set([tenantVariable, ...names.sort().slice(0, maxNames)])];
}

/** Those of the environment that a text uses: whoever reads it sees these names anyway. */
export function usedVariables(env: Readonly<Record<string, string | undefined>>, text: string): string[] {
  const used = [...text.matchAll(variablePattern)].map(([, key = '']) => key);
  const known = [...new Set(used)].filter((key) => key === tenantVariable || env[key] !== undefined);
  return [...new Set([tenantVariable, ...known])].slice(0, maxNames);
}
