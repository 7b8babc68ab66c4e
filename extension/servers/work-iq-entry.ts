// The entry of mcp.json for Work IQ's single endpoint. Source: Microsoft's page on the Work IQ MCP server.
export const workIqServerName = 'workiq';
export const workIqUrl = 'https://workiq.svc.cloud.microsoft/mcp';

export const workIqEntry = { type: 'streamable-http', url: workIqUrl, auth: { profile: 'workiq' } } as const;
