// The one variable of mcp.json that is no secret and that every agent has.

/** `${WORKIQ_TENANT_ID}` stands for the tenant of the profile `workiq`. */
export const tenantVariable = 'WORKIQ_TENANT_ID';
