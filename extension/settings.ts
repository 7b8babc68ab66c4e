// The settings of the extension, parsed; it reads them through a port and shows nothing.
import * as z from 'zod';
import { agentNamePattern } from '../shared/agent-name.ts';
import { isBusAddress } from './bus/bus-address.ts';
import { settingIds } from './contributions.ts';

export interface Settings {
  /** Undefined when no bus is set. */
  natsUrl: string | undefined;
  agentName: string;
  /** The agent's key that alone is trusted, as a fingerprint or a key id. */
  agentPublicKey: string | undefined;
  tenantId: string | undefined;
  clientId: string | undefined;
  signIn: 'auto' | 'browser' | 'deviceCode';
  /** What is wrong with them, in plain words; with one of them nothing may be connected. */
  problems: readonly string[];
}

const optionalText = z
  .string()
  .trim()
  .transform((text) => text || undefined);

const rules = {
  natsUrl: optionalText.refine(
    (text) => text === undefined || isBusAddress(text),
    'is no ws:// or wss:// address without credentials',
  ),
  agentName: optionalText.refine(
    (text) => text === undefined || agentNamePattern.test(text),
    'takes 1 to 32 of a-z, 0-9 and "-"',
  ),
  agentPublicKey: optionalText,
  tenantId: optionalText,
  clientId: optionalText,
  signIn: z.enum(['auto', 'browser', 'deviceCode']),
} as const;

/** `read` gives the value of a setting by its full id. */
export function readSettings(read: (id: string) => unknown): Settings {
  const problems: string[] = [];
  const value = <Name extends keyof typeof rules>(name: Name): z.infer<(typeof rules)[Name]> | undefined => {
    const given = read(settingIds[name]);
    if (given === undefined || given === null) return undefined;
    const parsed = rules[name].safeParse(given);
    // TypeScript does not follow the name through the table of rules.
    if (parsed.success) return parsed.data as z.infer<(typeof rules)[Name]>;
    const why = typeof given === 'string' ? parsed.error.issues[0]?.message : 'is of the wrong type';
    problems.push(`${settingIds[name]} ${why ?? 'cannot be used'}.`);
    return undefined;
  };
  return {
    natsUrl: value('natsUrl'),
    agentName: value('agentName') ?? 'rockbot',
    agentPublicKey: value('agentPublicKey'),
    tenantId: value('tenantId'),
    clientId: value('clientId'),
    signIn: value('signIn') ?? 'auto',
    problems,
  };
}
