// The steps a result can offer as a button; the extension decides how each is taken.

export const nextSteps = ['reconnect', 'runAgain', 'showLog', 'openMcpJson', 'showServers'] as const;

export type NextStep = (typeof nextSteps)[number];
