// Puts the parts of the webhook together: sender, its queue on the volume, and what it is told of the sign-in and of patrols.
import type { Clock } from '../../shared/clock.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { WebhookSettings } from '../config/notify-settings.ts';
import { createDispatcher } from '../dispatcher.ts';
import type { KeptText } from '../files/kept-text.ts';
import type { Logger } from '../logger.ts';
import { AuthNotices } from './auth-notices.ts';
import { PatrolNotices } from './patrol-notices.ts';
import type { WebhookNotice } from './webhook-notice.ts';
import type { WebhookOutcome } from './webhook-outcome.ts';
import { WebhookSender } from './webhook-sender.ts';

export interface Webhooks {
  /** Call it with every state of the sign-in. */
  follow(state: AuthState): void;
  /** Call it with every change of a patrol's run. */
  followPatrol(run: PatrolRun): void;
  /** Takes any other notice over and returns at once. */
  send(notice: WebhookNotice): void;
  close(): Promise<void>;
}

export interface OpenWebhooksOptions {
  /** Without them nothing is ever sent. */
  settings: WebhookSettings | undefined;
  agent: string;
  /** PEM of an extra CA. */
  ca: string | undefined;
  env: NodeJS.ProcessEnv;
  kept: KeptText;
  clock: Clock;
  logger: Logger;
  onOutcome: (outcome: WebhookOutcome) => void;
}

export async function openWebhooks({ settings, ca, env, ...options }: OpenWebhooksOptions): Promise<Webhooks> {
  const nothing = (): void => undefined;
  if (settings === undefined)
    return { follow: nothing, followPatrol: nothing, send: nothing, close: async () => undefined };
  const dispatcher = createDispatcher({ ca, env });
  const sender = await WebhookSender.open({ ...settings, ...options, dispatcher: () => dispatcher.get() });
  const notices = new AuthNotices({ sender, clock: options.clock });
  const patrols = new PatrolNotices({ sender });
  return {
    follow: (state) => {
      notices.follow(state);
    },
    followPatrol: (run) => {
      patrols.follow(run);
    },
    send: (notice) => {
      sender.send(notice);
    },
    async close() {
      notices.close();
      await sender.close();
      await dispatcher.close();
    },
  };
}
