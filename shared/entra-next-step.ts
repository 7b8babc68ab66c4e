// The one next step after a refusal of Microsoft Entra: a sign-in, or what to send to an administrator, with the exact link or
// command for this app and tenant. Pure.
import type { AuthReason, NextStep } from './contract/auth-state.ts';
import { knownCodes, workIqAppId } from './entra-known-codes.ts';

export interface EntraApp {
  /** Absolute URL; its host is that of the cloud. */
  authority: string;
  tenantId: string;
  clientId: string;
  /** As requested. */
  scopes: readonly string[];
}

/** Where an administrator consents for the whole tenant. */
export function adminConsentUrl({ authority, tenantId, clientId }: Omit<EntraApp, 'scopes'>): string {
  const { origin } = new URL(authority);
  return `${origin}/${encodeURIComponent(tenantId)}/adminconsent?client_id=${encodeURIComponent(clientId)}`;
}

/** What to do about `reason`. */
export function nextStepOf({ code, aadsts }: Pick<AuthReason, 'code' | 'aadsts'>, app: EntraApp): NextStep {
  // Who declined can change their mind; an administrator is not needed for that.
  if (code === 'auth_required' || aadsts === 'AADSTS65004') return { kind: 'sign_in' };
  const step = knownCodes[aadsts?.slice('AADSTS'.length) ?? '']?.step;
  if (step === 'service_principal') {
    const appId = resourceAppId(app.scopes);
    return { kind: 'ask_admin', ...(appId !== undefined && { command: `az ad sp create --id ${appId}` }) };
  }
  if (step === 'consent' || code === 'consent_required') return { kind: 'ask_admin', url: adminConsentUrl(app) };
  return { kind: 'ask_admin' };
}

/** The advice with the exact link or command in it. */
export function exactAction({ aadsts, action }: Pick<AuthReason, 'aadsts' | 'action'>, step: NextStep): string {
  if (step.url !== undefined) {
    const isListed = !/API permissions/.test(action);
    return isListed
      ? `Ask a tenant administrator to open ${step.url} and consent for everybody.`
      : `${action} The link for consent is ${step.url} then.`;
  }
  if (step.command === undefined) return action;
  const orElse = aadsts === 'AADSTS500011' ? '; if it exists, have the operator check WorkIQ__Scopes' : '';
  return `Ask a tenant administrator to run "${step.command}"${orElse}.`;
}

/** The app id of the resource that is asked for, where the scopes tell it. */
function resourceAppId(scopes: readonly string[]): string | undefined {
  for (const scope of scopes) {
    const id = /^(?:api:\/\/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\//i.exec(scope)?.[1];
    if (id !== undefined) return id;
    if (scope.startsWith('api://workiq.svc.cloud.microsoft/')) return workIqAppId;
  }
  return undefined;
}
