// The settings of the extension, parsed; it reads them through a port and shows nothing.
import * as z from 'zod';
import { agentNamePattern } from '../shared/agent-name.ts';
import { isBusAddress } from './bus/bus-address.ts';
import { settingIds } from './contributions.ts';
import { cleanLine } from './results/clean-text.ts';
import { shortText } from './results/short-text.ts';

export interface Settings {
  /** Undefined when no bus is set. */
  natsUrl: string | undefined;
  agentName: string;
  /** The agent's key that alone is trusted, as a fingerprint or a key id. */
  agentPublicKey: string | undefined;
  tenantId: string | undefined;
  clientId: string | undefined;
  signIn: 'auto' | 'browser' | 'deviceCode';
  /** What is wrong with them, in plain words. */
  problems: readonly string[];
  /** That of them with which nothing may be connected. */
  connectionProblem: string | undefined;
}

const longestAddress = 500;

const optionalText = z
  .string()
  .trim()
  .transform((text) => text || undefined);

const rules = {
  natsUrl: optionalText.refine((text) => text === undefined || (text.length <= longestAddress && isBusAddress(text))),
  agentName: optionalText.refine((text) => text === undefined || agentNamePattern.test(text)),
  agentPublicKey: optionalText.refine((text) => text === undefined || /^(?:SHA256:)?[\w-]{43}$/.test(text)),
  tenantId: optionalText,
  clientId: optionalText,
  signIn: z.enum(['auto', 'browser', 'deviceCode']),
} as const;

type Name = keyof typeof rules;

const demands: Readonly<Record<Name, string>> = {
  natsUrl: `a ws:// or wss:// address of at most ${longestAddress} characters, without credentials`,
  agentName: '1 to 32 of a-z, 0-9 and "-"',
  agentPublicKey: 'a fingerprint, "SHA256:" and 43 letters, digits, "-" or "_"',
  tenantId: 'a text',
  clientId: 'a text',
  signIn: '"auto", "browser" or "deviceCode"',
};

/** Without these it is not known which bus and agent are meant. */
const ofConnection: readonly Name[] = ['natsUrl', 'agentName'];

/** `read` gives the value of a setting by its full id. */
export function readSettings(read: (id: string) => unknown): Settings {
  const problems = new Map<Name, string>();
  const value = <Key extends Name>(name: Key): z.infer<(typeof rules)[Key]> | undefined => {
    const given = read(settingIds[name]);
    if (given === undefined || given === null) return undefined;
    const parsed = rules[name].safeParse(given);
    // TypeScript does not follow the name through the table of rules.
    if (parsed.success) return parsed.data as z.infer<(typeof rules)[Key]>;
    problems.set(name, `${settingIds[name]} must be ${demands[name]}${insteadOf(name, given)}.`);
    return undefined;
  };
  const settings = {
    natsUrl: value('natsUrl'),
    agentName: value('agentName') ?? 'rockbot',
    // One that was meant to be trusted alone: no key fits it, so that none is trusted in its place.
    agentPublicKey: value('agentPublicKey') ?? (problems.has('agentPublicKey') ? 'unusable' : undefined),
    tenantId: value('tenantId'),
    clientId: value('clientId'),
    signIn: value('signIn') ?? 'auto',
  };
  return {
    ...settings,
    problems: [...problems.values()],
    connectionProblem: ofConnection.map((name) => problems.get(name)).find((problem) => problem !== undefined),
  };
}

/** An address may hold a password. */
function insteadOf(name: Name, given: unknown): string {
  if (name === 'natsUrl' || typeof given !== 'string') return '';
  return `, not "${shortText(cleanLine(given.slice(0, 200)))}"`;
}
