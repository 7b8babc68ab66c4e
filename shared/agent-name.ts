// The agent's name: one NATS subject token that people can type.

export const agentNamePattern = /^[a-z0-9-]{1,32}$/;
