/** Steps of one person's sign-in in the browser (account, confirmation, consent) for any grant; it must not know grants. */
import { randomUUID } from 'node:crypto';
import { aadsts, EntraError } from './aadsts.ts';
import type { ClientApp, DirectoryUser } from './directory.ts';
import type { EntraState } from './entra-state.ts';
import { accountPage, adminApprovalPage, consentPage, deviceConfirmPage, errorPage } from './pages.ts';
import type { Reply } from './reply.ts';
import type { RequestedScopes } from './scopes.ts';
import { tenantFor } from './tenancy.ts';

export interface InteractionRequest {
  client: ClientApp;
  authority: string;
  requested: RequestedScopes;
  /** User already known from a hint or a browser session; skips the account page. */
  user?: DirectoryUser | undefined;
  hint?: string | undefined;
  /** Asks whether this person started the sign-in, as the device flow has to. */
  needsConfirmation: boolean;
  /** Asks for consent even when it was given before. */
  forcesConsent: boolean;
  /** Consent granted: the user is signed in. */
  finish: (user: DirectoryUser) => Reply;
  /** The person said no. */
  refuse: (error: EntraError) => Reply;
}

interface Interaction extends InteractionRequest {
  id: string;
  confirmed: boolean;
  consented: boolean;
}

const MAX_OPEN = 1000;

export type Interactions = ReturnType<typeof createInteractions>;

export function createInteractions({ directory, consents, settings, browserSessions }: EntraState) {
  const open = new Map<string, Interaction>();

  function next(interaction: Interaction): Reply {
    const { client, user, requested, id } = interaction;
    const action = (step: string) => `/interaction/${id}/${step}`;
    if (!user) {
      return accountPage({ action: action('account'), client, users: directory.users(), hint: interaction.hint });
    }
    try {
      tenantFor(user, interaction.authority, client);
    } catch (error) {
      if (!(error instanceof EntraError)) throw error;
      return errorPage(error, randomUUID(), { retryAction: action('other-account') });
    }
    if (interaction.needsConfirmation && !interaction.confirmed) {
      return deviceConfirmPage({ action: action('confirm'), client, user });
    }
    const missing = consents.missing(user, client, requested.resources);
    if (!interaction.consented && (missing.length > 0 || interaction.forcesConsent)) {
      if (settings.consent === 'admin-approval') {
        return adminApprovalPage({ action: action('consent'), client, user });
      }
      const resources = interaction.forcesConsent ? requested.resources : missing;
      return consentPage({ action: action('consent'), client, user, resources });
    }
    open.delete(id);
    return withCookie(interaction.finish(user), browserSessions.signIn(user));
  }

  function refuse(interaction: Interaction, error: EntraError): Reply {
    open.delete(interaction.id);
    return interaction.refuse(error);
  }

  return {
    start(request: InteractionRequest): Reply {
      if (open.size >= MAX_OPEN) open.clear();
      const interaction = { ...request, id: randomUUID(), confirmed: false, consented: false };
      open.set(interaction.id, interaction);
      return next(interaction);
    },
    step(id: string, step: string, form: Record<string, string>): Reply {
      const interaction = open.get(id);
      if (!interaction) {
        const message = 'This sign-in is over or was never started. Go back to the app and start again.';
        return errorPage(new EntraError({ error: 'invalid_request', message }), randomUUID());
      }
      const { user, client } = interaction;
      const decision = form['decision'];
      if (step === 'account') interaction.user = directory.user(form['user'] ?? '');
      else if (step === 'other-account') interaction.user = undefined;
      else if (step === 'confirm' && decision === 'continue') interaction.confirmed = true;
      else if (step === 'confirm') return refuse(interaction, aadsts(65004));
      else if (step === 'consent' && settings.consent === 'admin-approval') {
        return refuse(interaction, aadsts(90094, { tenant: user?.tenantId ?? interaction.authority }));
      } else if (step === 'consent' && decision === 'accept' && user) {
        consents.grant(user, client, interaction.requested.resources);
        interaction.consented = true;
      } else if (step === 'consent') return refuse(interaction, aadsts(65004));
      return next(interaction);
    },
    reset: (): void => open.clear(),
  };
}

function withCookie(answer: Reply, cookie: string): Reply {
  return { ...answer, headers: { ...answer.headers, 'Set-Cookie': cookie } };
}
