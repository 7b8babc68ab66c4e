// The whole contract in two tables; handler tables are mapped types over them, so a missing handler does not compile.
import type { z } from 'zod';
import { authCache, authChanged, authDisconnect, authExpired, authProfile, authState } from './auth-messages.ts';
import { agentCheck, agentLook } from './check-messages.ts';
import { elicitationAnswer, elicitationAsked, elicitationClosed } from './elicitation-messages.ts';
import { mcpFile, mcpManage } from './manage-messages.ts';
import { patrolChanged, patrolHistory, patrolList, patrolRunNow } from './patrol-messages.ts';
import { promptGet, promptList } from './prompt-messages.ts';
import { resourceList, resourceRead } from './resource-messages.ts';
import { agentStatus } from './status-messages.ts';
import { mcpServersIndexed, toolCancel, toolInvoke, toolList, toolProgress, toolResult } from './tool-messages.ts';

/** Contract major on the wire (`rb-v`). */
export const contractVersion = '1';

export const requests = {
  authProfile,
  authCache,
  authState,
  authDisconnect,
  toolList,
  toolInvoke,
  toolCancel,
  mcpManage,
  mcpFile,
  resourceList,
  resourceRead,
  promptList,
  promptGet,
  elicitationAnswer,
  patrolList,
  patrolRunNow,
  patrolHistory,
  agentLook,
  agentCheck,
} as const;

export const events = {
  authChanged,
  authExpired,
  toolProgress,
  toolResult,
  mcpServersIndexed,
  elicitationAsked,
  elicitationClosed,
  patrolChanged,
  agentStatus,
} as const;

export type RequestName = keyof typeof requests;
export type RequestOf<Name extends RequestName> = z.output<(typeof requests)[Name]['request']>;
export type RequestInputOf<Name extends RequestName> = z.input<(typeof requests)[Name]['request']>;
export type ReplyOf<Name extends RequestName> = z.output<(typeof requests)[Name]['reply']>;

export type EventName = keyof typeof events;
export type EventOf<Name extends EventName> = z.output<(typeof events)[Name]['payload']>;
