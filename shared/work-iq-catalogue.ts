// The MCP servers of Microsoft Work IQ as far as they are published, for help in the editor. It knows no agent and nothing live:
// what a server offers is asked of the server, this only says what to expect.
// Sources: Microsoft's Work IQ MCP tool reference, the Agent 365 server reference, and tool listings of August and September 2026.
import { workIqToolText } from './work-iq-catalogue-tools.ts';

export interface WorkIqCatalogueEntry {
  /** Microsoft's id of the server, and a good name for it in mcp.json. */
  name: string;
  title: string;
  /** With `{tenantId}` where the tenant's id belongs. */
  url: string;
  /** As they are requested; any one covers the server. */
  scopes: readonly string[];
  /** The audience of the bearer. */
  audience: string;
  tools: readonly WorkIqCatalogueTool[];
  /** True for the per-server Agent 365 catalogue, which is kept for compatibility. */
  legacy: boolean;
  /** Former or mistaken ids of the same server. */
  aliases: readonly string[];
}

export interface WorkIqCatalogueTool {
  name: string;
  description: string;
}

export const workIqOrigin = 'https://workiq.svc.cloud.microsoft';
export const agent365Origin = 'https://agent365.svc.cloud.microsoft';

/** One audience for every server of the Agent 365 catalogue. */
const agent365Audience = 'ea9ffc3e-8a23-4a7d-836d-234d7c7565c1';

function agent365(
  name: string,
  title: string,
  scope: string | undefined,
  aliases: readonly string[] = [],
): WorkIqCatalogueEntry {
  return {
    name,
    title,
    url: `${agent365Origin}/agents/tenants/{tenantId}/servers/${name}`,
    scopes: [
      ...(scope === undefined ? [] : [`${agent365Audience}/McpServers.${scope}.All`]),
      `${agent365Audience}/.default`,
    ],
    audience: agent365Audience,
    tools: toolsOf(name),
    legacy: true,
    aliases,
  };
}

function toolsOf(server: string): WorkIqCatalogueTool[] {
  return (workIqToolText[server] ?? '')
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...description] = line.trim().split(': ');
      return { name, description: description.join(': ') };
    });
}

/** The single endpoint first; it is the one for new work. */
export const workIqCatalogue: readonly WorkIqCatalogueEntry[] = [
  {
    name: 'workiq',
    title: 'Work IQ',
    url: `${workIqOrigin}/mcp`,
    scopes: ['api://workiq.svc.cloud.microsoft/WorkIQAgent.Ask'],
    audience: 'api://workiq.svc.cloud.microsoft',
    tools: toolsOf('workiq'),
    legacy: false,
    aliases: [],
  },
  agent365('mcp_MailTools', 'Work IQ Mail', 'Mail', ['mcp_MailServer']),
  agent365('mcp_CalendarTools', 'Work IQ Calendar', 'Calendar'),
  agent365('mcp_TeamsServer', 'Work IQ Teams', 'Teams', ['mcp_TeamsTools', 'mcp_TeamsServerV1']),
  agent365('mcp_MeServer', 'Work IQ User / Me', 'Me', ['mcp_MeTools']),
  agent365('mcp_M365Copilot', 'Work IQ Copilot (search/chat)', 'CopilotMCP', ['mcp_CopilotMCP', 'mcp_SearchTools']),
  agent365('mcp_WordServer', 'Work IQ Word', 'Word'),
  agent365('mcp_ExcelServer', 'Work IQ Excel', 'Excel'),
  agent365('mcp_PowerPointServer', 'Work IQ PowerPoint', 'PowerPoint'),
  agent365('mcp_ODSPRemoteServer', 'OneDrive + SharePoint (combined)', 'OneDriveSharepoint', [
    'mcp_OneDriveSharePointTools',
  ]),
  agent365('mcp_OneDriveRemoteServer', 'Work IQ OneDrive', 'OneDrive', ['mcp_OneDriveTools', 'mcp_OneDriveServer']),
  agent365('mcp_SharePointRemoteServer', 'Work IQ SharePoint', 'SharePoint', ['mcp_SharePoint', 'mcp_SharePointTools']),
  agent365('mcp_SharePointListsTools', 'SharePoint Lists', 'SharepointLists'),
  agent365('mcp_DataverseServer', 'Dataverse', 'Dataverse', ['mcp_DataverseTools']),
  agent365('mcp_KnowledgeTools', 'Federated knowledge', 'Knowledge'),
  agent365('mcp_AdminTools', 'Microsoft 365 admin', 'M365Admin'),
];
