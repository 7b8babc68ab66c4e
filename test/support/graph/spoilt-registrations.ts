// Registrations that are not as RockBot needs them, and what the scripts of deploy/entra say of each.
import type { Application, Directory } from './graph-directory.ts';
import { resources } from './tenant.ts';

/** Something that is not as it should be, and what `--verify` says of it. */
export const spoiltRegistrations: readonly {
  what: string;
  spoil: (directory: Directory, app: Application) => void;
  says: RegExp;
  /** Whether the script mends it by itself; else it names what a person has to do. */
  isMended: boolean;
}[] = [
  {
    what: 'no service principal of Work IQ',
    spoil: (directory) => {
      const gone = directory.servicePrincipals.find(({ appId }) => appId === resources.workIq);
      directory.servicePrincipals = directory.servicePrincipals.filter((principal) => principal !== gone);
      // Consent goes with it.
      directory.grants = directory.grants.filter(({ resourceId }) => resourceId !== gone?.id);
    },
    says: /service principal of Work IQ .* missing.*AADSTS650052/,
    isMended: true,
  },
  {
    what: 'accounts of other tenants',
    spoil: (_, app) => {
      app.signInAudience = 'AzureADMultipleOrgs';
    },
    says: /accounts of other tenants.*AzureADMultipleOrgs/,
    isMended: true,
  },
  {
    what: 'no public client',
    spoil: (_, app) => {
      app.isFallbackPublicClient = null;
    },
    says: /no public client.*AADSTS7000218/,
    isMended: true,
  },
  {
    what: 'another redirect address instead',
    spoil: (_, app) => {
      app.publicClient.redirectUris = ['http://127.0.0.1'];
    },
    says: /http:\/\/localhost .*missing.*AADSTS50011[\s\S]*another redirect address, http:\/\/127\.0\.0\.1/,
    isMended: false,
  },
  {
    what: 'a permission not asked for',
    spoil: (_, app) => {
      app.requiredResourceAccess = app.requiredResourceAccess.filter(
        ({ resourceAppId }) => resourceAppId !== resources.workIq,
      );
    },
    says: /does not ask for WorkIQAgent\.Ask/,
    isMended: true,
  },
  {
    what: 'no service principal of the app',
    spoil: (directory, app) => {
      directory.servicePrincipals = directory.servicePrincipals.filter(({ appId }) => appId !== app.appId);
      directory.grants = [];
    },
    says: /app has no service principal/,
    isMended: true,
  },
  {
    what: 'no consent',
    spoil: (directory) => {
      directory.grants = directory.grants.filter(({ scope }) => scope !== 'WorkIQAgent.Ask');
    },
    says: /no consent for the user aaaaaaaa-\S+ to WorkIQAgent\.Ask \(AADSTS65001\)/,
    isMended: true,
  },
  {
    what: 'consent to a part',
    spoil: (directory) => {
      for (const grant of directory.grants) grant.scope = grant.scope.replace('offline_access ', '');
    },
    says: /no consent for the user \S+ to offline_access/,
    isMended: true,
  },
  {
    what: 'redirect addresses of other kinds',
    spoil: (_, app) => {
      app.web.redirectUris = ['https://x.example/'];
      app.spa.redirectUris = ['https://y.example/'];
    },
    says: /web apps, https:\/\/x\.example\/[\s\S]*single-page apps, https:\/\/y\.example\//,
    isMended: false,
  },
  {
    what: 'a secret',
    spoil: (_, app) => {
      app.passwordCredentials = [{ hint: 'abc' }];
    },
    says: /has a secret or certificate/,
    isMended: false,
  },
  {
    what: 'an application permission',
    spoil: (_, app) => {
      app.requiredResourceAccess.push({
        resourceAppId: resources.graph,
        resourceAccess: [{ id: 'eeeeeeee-0000-4000-8000-000000000000', type: 'Role' }],
      });
    },
    says: /application permission, without any user, that RockBot does not need: eeeeeeee/,
    isMended: false,
  },
  {
    what: 'more consent',
    spoil: (directory) => {
      const [grant] = directory.grants;
      if (grant !== undefined) grant.scope += ' Mail.Read';
    },
    says: /to more than RockBot needs: Mail\.Read[\s\S]*az rest --method DELETE/,
    isMended: false,
  },
  {
    what: 'consent for everybody',
    spoil: (directory) => {
      const grant = directory.grants.find(({ scope }) => scope === 'WorkIQAgent.Ask');
      if (grant !== undefined) Object.assign(grant, { consentType: 'AllPrincipals', principalId: null });
    },
    says: /for everybody, not only for adele@contoso\.example/,
    isMended: false,
  },
  {
    what: 'switched off',
    spoil: (directory) => {
      for (const principal of directory.servicePrincipals)
        if (principal.appId !== resources.graph) principal.accountEnabled = false;
    },
    says: /Work IQ is switched off[\s\S]*app is switched off for sign-ins/,
    isMended: false,
  },
];
