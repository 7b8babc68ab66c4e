// Puts the parts of the webhook together: sender, its queue on the volume, and what it is told of the sign-in.
import type { Clock } from '../../shared/clock.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { WebhookSettings } from '../config/notify-settings.ts';
import { createDispatcher } from '../dispatcher.ts';
import type { KeptText } from '../files/kept-text.ts';
import type { Logger } from '../logger.ts';
import { AuthNotices } from './auth-notices.ts';
import type { WebhookNotice } from './webhook-notice.ts';
import type { WebhookOutcome } from './webhook-outcome.ts';
import { WebhookSender } from './webhook-sender.ts';

export interface Webhooks {
  /** Call it with every state of the sign-in. */
  follow(state: AuthState): void;
  /** Takes a notice over and returns at once. */
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
  if (settings === undefined) return { follow: () => undefined, send: () => undefined, close: async () => undefined };
  const dispatcher = createDispatcher({ ca, env });
  const sender = await WebhookSender.open({ ...settings, ...options, dispatcher: () => dispatcher.get() });
  const notices = new AuthNotices({ sender, clock: options.clock });
  return {
    follow: (state) => {
      notices.follow(state);
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
