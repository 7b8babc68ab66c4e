// Says in plain words what each error code means and what to do next; the server's own words stay beside it.
import { errorCodes, type ErrorCode } from '../../shared/errors/error-code.ts';
import type { NextStep } from './next-step.ts';

export interface ErrorMeaning {
  title: string;
  /** For lists, where there is little room. */
  word: string;
  meaning: string;
  /** What to do next, for when the error brings no better instruction. */
  advice: string;
  step?: NextStep;
  /** `notice` is nothing that went wrong. */
  tone: 'error' | 'warning' | 'notice';
}

const meanings: Readonly<Record<ErrorCode, ErrorMeaning>> = {
  auth_required: {
    title: 'Sign in again',
    word: 'needs a sign-in',
    meaning: 'The agent is not connected to Microsoft 365, or Microsoft no longer accepts its sign-in.',
    advice: 'Reconnect M365, then run the tool again.',
    step: 'reconnect',
    tone: 'warning',
  },
  consent_required: {
    title: 'Consent is missing',
    word: 'consent is missing',
    meaning: 'The permission that this tool needs has not been granted to RockBot.',
    advice: 'Reconnect M365 and accept the permission, or ask an administrator to grant it.',
    step: 'reconnect',
    tone: 'warning',
  },
  admin_action_required: {
    title: 'An administrator has to act',
    word: 'needs an admin',
    meaning: 'The tenant is not set up for this yet, and only an administrator can change that.',
    advice: 'Send the instruction below to your Microsoft 365 administrator.',
    tone: 'warning',
  },
  entitlement_required: {
    title: 'A licence or billing plan is missing',
    word: 'no licence',
    meaning: 'The signed-in account is not covered by a licence or a billing plan for Work IQ.',
    advice: 'Ask an administrator to add the account to a billing plan. Changes take up to half an hour.',
    tone: 'warning',
  },
  policy_denied: {
    title: 'Your organisation does not allow this',
    word: 'denied by policy',
    meaning: 'A policy of the tenant forbids this operation. The decision is final; asking again does not change it.',
    advice: 'Ask an administrator whether the Work IQ policy should allow it.',
    tone: 'warning',
  },
  guard_denied: {
    title: 'Stopped by a guard',
    word: 'stopped by a guard',
    meaning: 'A guard in mcp.json of the agent forbids this call. Nothing was sent to the server.',
    advice: 'Change the arguments, or the guard in mcp.json.',
    step: 'openMcpJson',
    tone: 'warning',
  },
  forbidden: {
    title: 'Not allowed',
    word: 'not allowed',
    meaning: 'The service knows the account and does not let it do this.',
    advice: 'Ask the owner of the data for access. Trying again does not help.',
    tone: 'error',
  },
  throttled: {
    title: 'Too many requests',
    word: 'too many requests',
    meaning: 'The service asked for a pause. Nothing was changed.',
    advice: 'Wait, then run the tool again.',
    step: 'runAgain',
    tone: 'warning',
  },
  timeout: {
    title: 'No answer in time',
    word: 'no answer in time',
    meaning: 'The server took longer than this call may take.',
    advice: 'Run the tool again, ask for less at once, or allow it more time.',
    step: 'runAgain',
    tone: 'error',
  },
  cancelled: {
    title: 'Cancelled',
    word: 'cancelled',
    meaning: 'The call was stopped before its answer came.',
    advice: 'Run the tool again when you want its result.',
    step: 'runAgain',
    tone: 'notice',
  },
  tool_not_found: {
    title: 'No such tool',
    word: 'no such tool',
    meaning: 'The agent offers no tool of this name. Names of tools change between versions of a server.',
    advice: 'Pick one of the tools that the servers view lists.',
    step: 'showServers',
    tone: 'error',
  },
  server_unavailable: {
    title: 'Agent or server cannot be reached',
    word: 'unreachable',
    meaning: 'There was no working connection to the agent, or from the agent to this MCP server.',
    advice: 'Run the tool again in a moment. If it stays like this, look at the server in the servers view.',
    step: 'runAgain',
    tone: 'error',
  },
  invalid_arguments: {
    title: 'The arguments do not fit',
    word: 'wrong arguments',
    meaning: 'The tool does not take these arguments. Nothing was changed.',
    advice: 'Correct what the message names and run the tool again.',
    tone: 'error',
  },
  execution_failed: {
    title: 'The tool failed',
    word: 'failed',
    meaning: 'The server ran the tool and reported a failure.',
    advice: 'The message below is from the server.',
    tone: 'error',
  },
  outcome_unknown: {
    title: 'It is not known whether it happened',
    word: 'outcome unknown',
    meaning: 'The call can change something and its answer was lost. It may or may not have taken effect.',
    advice: 'Look whether it took effect before you do it again.',
    tone: 'warning',
  },
  payload_too_large: {
    title: 'Too large',
    word: 'too large',
    meaning: 'The request or its result is larger than may be carried.',
    advice: 'Ask for less: fewer items, fewer fields, or a smaller file.',
    tone: 'error',
  },
  handoff_refused: {
    title: 'The sign-in was refused by the agent',
    word: 'sign-in refused',
    meaning: 'The agent did not accept the sign-in that was handed to it; the earlier connection is unchanged.',
    advice: 'Reconnect M365 with the account and agent that belong together.',
    step: 'reconnect',
    tone: 'error',
  },
  unsupported_version: {
    title: 'Versions do not match',
    word: 'versions differ',
    meaning: 'The agent and this window speak different versions of the protocol.',
    advice: 'Update RockBot here, or the agent, so that both have the same version.',
    tone: 'error',
  },
  invalid_request: {
    title: 'The request was not understood',
    word: 'not understood',
    meaning: 'The agent could not read the request. This is a defect or a mismatch of versions.',
    advice: 'Look at the log for details.',
    step: 'showLog',
    tone: 'error',
  },
  internal: {
    title: 'The agent failed',
    word: 'agent failed',
    meaning: 'Something went wrong inside the agent that it has no better name for.',
    advice: "Look at the agent's log for this call.",
    step: 'showLog',
    tone: 'error',
  },
};

/** A code of a newer agent reads as a failure of the agent, under its own name. */
export function errorMeaning(code: string): ErrorMeaning {
  const known = errorCodes.find((candidate) => candidate === code);
  return known === undefined
    ? { ...meanings.internal, title: `The call failed (${code})`, word: code }
    : meanings[known];
}

/** What a failed request inside a result means, by its HTTP status; undefined when the status says nothing of use. */
export function statusMeaning(status: number | undefined): string | undefined {
  if (status === undefined) return undefined;
  if (status >= 500) return 'The service failed; it may work again later.';
  return statuses[status];
}

const statuses: Readonly<Record<number, string>> = {
  400: 'The service did not understand the request.',
  401: 'The service wants a new sign-in.',
  403: 'The account may not see or do this.',
  404: 'There is no such item, or the account may not see it.',
  409: 'It clashes with the present state of the item.',
  410: 'The item is gone.',
  412: 'The item was changed in the meantime.',
  413: 'It is too large for the service.',
  423: 'The item is locked by somebody.',
  429: 'The service asked for a pause.',
};
