// The steps a result can offer as a button; the extension decides how each is taken.

export const nextSteps = ['connect', 'reconnect', 'runAgain', 'showLog', 'openMcpJson', 'showServers'] as const;

export type NextStep = (typeof nextSteps)[number];

/** What to do about an error as the window knows it, from its own state; it stands for what the error says itself. */
export interface OwnAdvice {
  /** Stands for what the code alone says. */
  title?: string | undefined;
  meaning?: string | undefined;
  /** Stands for the words of the agent; empty where they add nothing. */
  message?: string | undefined;
  text?: string | undefined;
  step?: NextStep | undefined;
}
