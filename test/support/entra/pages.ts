/** The pages a person sees, as pure functions from data to HTML; they must not know how a choice is carried out. */
import type { EntraError } from './aadsts.ts';
import type { ClientApp, DirectoryUser } from './directory.ts';
import { CONTENT_SECURITY_POLICY, PAGE_SCRIPT, PAGE_STYLE } from './page-style.ts';
import { reply } from './reply.ts';
import type { Reply } from './reply.ts';
import type { RequestedResource } from './scopes.ts';
import { grantedNames } from './scopes.ts';

export function accountPage(page: {
  action: string;
  client: ClientApp;
  users: DirectoryUser[];
  hint?: string | undefined;
}): Reply {
  const rows = page.users.map((user) => {
    const hinted = page.hint === user.upn ? ' hinted' : '';
    return `<li><button class="account${hinted}" id="user-${escapeHtml(user.key)}" name="user" value="${escapeHtml(user.key)}">
      <span class="avatar" aria-hidden="true">${escapeHtml(initials(user.name))}</span>
      <span><b>${escapeHtml(user.name)}</b><span class="soft">${escapeHtml(user.upn)}</span></span></button></li>`;
  });
  return document({
    id: 'page-accounts',
    title: 'Pick an account',
    body: `<p class="soft">to continue to ${escapeHtml(page.client.name)}</p>
      <form method="post" action="${escapeHtml(page.action)}"><ul class="accounts">${rows.join('')}</ul></form>`,
  });
}

export function consentPage(page: {
  action: string;
  client: ClientApp;
  user: DirectoryUser;
  resources: RequestedResource[];
}): Reply {
  const permissions = page.resources.flatMap((resource) =>
    grantedNames(resource).map(
      (name) => `<li><b>${escapeHtml(resource.app.name)}</b><br><code>${escapeHtml(name)}</code></li>`,
    ),
  );
  const signedIn =
    '<li><b>Stay signed in</b><br><span class="soft">Maintain access to data you have given it access to</span></li>';
  return document({
    id: 'page-consent',
    title: 'Permissions requested',
    user: page.user,
    body: `<p><b id="app-name">${escapeHtml(page.client.name)}</b> would like to, on your behalf, use:</p>
      <ul class="permissions">${permissions.join('')}${signedIn}</ul>
      <p class="small soft">Accepting means that you allow this app to use your data as its terms say.</p>
      <form method="post" action="${escapeHtml(page.action)}"><div class="actions">
        <button class="action" id="decline" name="decision" value="decline">Decline</button>
        <button class="action primary" id="accept" name="decision" value="accept">Accept</button></div></form>`,
  });
}

export function adminApprovalPage(page: { action: string; client: ClientApp; user: DirectoryUser }): Reply {
  return document({
    id: 'page-admin-approval',
    title: 'Need admin approval',
    user: page.user,
    body: `<p><b id="app-name">${escapeHtml(page.client.name)}</b> needs permission to access resources in your organization
      that only an admin can grant. Please ask an admin to grant permission to this app before you can use it.</p>
      <p class="small soft" id="aadsts">AADSTS90094</p>
      <form method="post" action="${escapeHtml(page.action)}"><div class="actions">
        <button class="action primary" id="decline" name="decision" value="decline">Return to the application without granting consent</button>
      </div></form>`,
  });
}

export function deviceCodePage(page: {
  action: string;
  userCode?: string | undefined;
  problem?: string | undefined;
}): Reply {
  const problem =
    page.problem === undefined ? '' : `<p class="bad" id="code-error" role="alert">${escapeHtml(page.problem)}</p>`;
  return document({
    id: 'page-device-code',
    title: 'Enter code to allow access',
    body: `<p class="soft">Enter the code that the app or device shows you.</p>${problem}
      <form method="post" action="${escapeHtml(page.action)}"><label for="user-code">Code</label>
        <input type="text" id="user-code" name="user_code" maxlength="16" autocomplete="off" autofocus required
          value="${escapeHtml(page.userCode ?? '')}">
        <div class="actions"><button class="action primary" id="continue">Next</button></div></form>`,
  });
}

export function deviceConfirmPage(page: { action: string; client: ClientApp; user: DirectoryUser }): Reply {
  return document({
    id: 'page-device-confirm',
    title: `Are you trying to sign in to ${page.client.name}?`,
    user: page.user,
    body: `<p class="soft">Only continue if you started this sign-in yourself and got the code from an app you trust.</p>
      <form method="post" action="${escapeHtml(page.action)}"><div class="actions">
        <button class="action" id="cancel" name="decision" value="cancel">Cancel</button>
        <button class="action primary" id="continue" name="decision" value="continue">Continue</button></div></form>`,
  });
}

export function donePage(page: { id: string; title: string; text: string }): Reply {
  return document({ id: page.id, title: page.title, body: `<p>${escapeHtml(page.text)}</p>` });
}

/** The answer to the app with `response_mode=form_post`; posts itself, with a button where scripts are off. */
export function formPostPage(page: { redirectUri: string; fields: Record<string, string> }): Reply {
  const inputs = Object.entries(page.fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return document({
    id: 'page-working',
    title: 'Working…',
    body: `<form method="post" id="response" action="${escapeHtml(page.redirectUri)}">${inputs.join('')}
      <noscript><div class="actions"><button class="action primary" id="continue">Continue</button></div></noscript></form>
      <script>${PAGE_SCRIPT}</script>`,
  });
}

export function errorPage(error: EntraError, correlationId: string, options: { retryAction?: string } = {}): Reply {
  const code = error.aadsts === undefined ? error.error : `AADSTS${String(error.aadsts)}`;
  const retry =
    options.retryAction === undefined
      ? ''
      : `<form method="post" action="${escapeHtml(options.retryAction)}"><div class="actions">
          <button class="action primary" id="other-account">Use another account</button></div></form>`;
  return document({
    id: 'page-error',
    title: 'Sorry, but we’re having trouble signing you in.',
    status: 400,
    body: `<p class="bad" role="alert"><b id="aadsts">${escapeHtml(code)}</b>:
        <span id="error-message">${escapeHtml(error.message.replace(/^AADSTS\d+: /, ''))}</span></p>
      <dl><dt>Error</dt><dd id="error-code">${escapeHtml(error.error)}</dd>
        <dt>Correlation ID</dt><dd>${escapeHtml(correlationId)}</dd><dt>Timestamp</dt><dd>${new Date().toISOString()}</dd></dl>
      ${retry}`,
  });
}

function document(page: { id: string; title: string; body: string; user?: DirectoryUser; status?: number }): Reply {
  const who = page.user ? `<p class="who" id="signed-in-as">${escapeHtml(page.user.upn)}</p>` : '';
  const html = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title><style>${PAGE_STYLE}</style></head>
<body id="${page.id}"><main>
<header><span class="logo" aria-hidden="true">E</span>Entra simulator</header>
${who}<h1>${escapeHtml(page.title)}</h1>
${page.body}
<footer>A local stand-in for Microsoft Entra ID. No real account is used and no password is asked for.</footer>
</main></body></html>`;
  return reply(page.status ?? 200, html, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
}

function initials(name: string): string {
  return name
    .split(' ')
    .map((part) => part.slice(0, 1))
    .join('')
    .slice(0, 2);
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
