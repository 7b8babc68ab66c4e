// What tests and demos can do to a running simulator, in process or through its admin API. The contract and its making.
import { z } from 'zod';
import { faultSchema, type ArmedFault, type FaultInput, type FaultRegistry } from './faults.ts';
import type { Journal, RawAuthorization, SeenRequest, Snapshot } from './journal.ts';
import { settingsSchema, type Settings, type SettingsPatch } from './settings.ts';
import { deliver } from './tenant/post-office.ts';
import { createTenant, type Tenant } from './tenant/tenant.ts';
import { instant } from './tenant/days.ts';
import type { Sessions } from './wire/sessions.ts';

export const toolsChange = z.object({
  hide: z.array(z.string()).optional(),
  add: settingsSchema.shape.extraTools.removeDefault().optional(),
  /** Sends notifications/tools/list_changed; on by default. */
  notify: z.boolean().default(true),
});
export const incomingMail = z.object({
  to: z.string(),
  from: z.string(),
  subject: z.string(),
  text: z.string().default(''),
  importance: z.enum(['low', 'normal', 'high']).default('normal'),
});
export const notification = z.object({ method: z.string(), params: z.record(z.string(), z.unknown()).optional() });

export type WorkIqControl = {
  /** Counters, side effects and hashes of what a foreign host was sent. */
  snapshot(): Promise<Snapshot>;
  /** Every request with its headers; Authorization as SHA-256 of the whole header only. */
  requests(): Promise<SeenRequest[]>;
  /** The Authorization headers themselves. */
  rawAuthorizations(): Promise<RawAuthorization[]>;
  settings(): Promise<Settings>;
  set(patch: SettingsPatch): Promise<Settings>;
  inject(fault: FaultInput): Promise<ArmedFault>;
  faults(): Promise<ArmedFault[]>;
  /** Without an id all of them. */
  clearFaults(id?: string): Promise<void>;
  /** Forgets every session and cuts the open streams; returns how many sessions there were. */
  loseSessions(): Promise<number>;
  /** Changes the single endpoint's tool list and tells connected clients. Returns how many streams were told. */
  changeTools(change: z.input<typeof toolsChange>): Promise<number>;
  notify(method: string, params?: Record<string, unknown>): Promise<number>;
  /** Puts a new mail into an inbox, as if somebody had written. */
  deliver(mail: z.input<typeof incomingMail>): Promise<{ id: string }>;
  /** Back to the start: data, settings, faults, counters and sessions. */
  reset(): Promise<void>;
};

export type SimulatorState = {
  tenant: Tenant;
  settings: Settings;
  readonly initialSettings: Settings;
  readonly now: Date | undefined;
  readonly journal: Journal;
  readonly faults: FaultRegistry;
  readonly sessions: Sessions;
};

export function createControl(state: SimulatorState): WorkIqControl {
  const { journal, faults, sessions } = state;
  return {
    snapshot: async () => journal.snapshot(),
    requests: async () => journal.requests(),
    rawAuthorizations: async () => journal.rawAuthorizations(),
    settings: async () => structuredClone(state.settings),
    set: async (patch) => {
      state.settings = settingsSchema.parse({ ...state.settings, ...patch });
      return structuredClone(state.settings);
    },
    inject: async (fault) => faults.arm(faultSchema.parse(fault)),
    faults: async () => structuredClone(faults.list()),
    clearFaults: async (id) => faults.disarm(id),
    loseSessions: async () => sessions.loseAll(),
    changeTools: async (change) => {
      const { hide, add, notify } = toolsChange.parse(change);
      if (hide) state.settings.hiddenTools = hide;
      if (add) state.settings.extraTools = add;
      return notify ? sessions.notify('notifications/tools/list_changed') : 0;
    },
    notify: async (method, params) => sessions.notify(method, params),
    deliver: async (input) => {
      const mail = incomingMail.parse(input);
      const { directory } = state.tenant;
      const person = directory.find(directory.recipient(mail.to).emailAddress.address);
      const mailbox = person && state.tenant.mailboxes.get(person.id);
      if (!mailbox)
        throw new Error(`'${mail.to}' is nobody of the simulated tenant. Use a mail address or a first name.`);
      const sender = directory.recipient(mail.from);
      const letter = mailbox.add({
        subject: mail.subject,
        body: { contentType: 'text', content: mail.text },
        importance: mail.importance,
        from: sender,
        sender,
        toRecipients: [directory.recipient(mail.to)],
        receivedDateTime: instant(state.tenant.clock()),
      });
      mailbox.remove(letter);
      const [copy] = deliver(state.tenant, letter);
      return { id: copy?.id ?? '' };
    },
    reset: async () => {
      state.tenant = createTenant({ now: state.now });
      state.settings = structuredClone(state.initialSettings);
      faults.disarm();
      sessions.loseAll();
      journal.reset();
    },
  };
}
