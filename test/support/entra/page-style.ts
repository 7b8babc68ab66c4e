/** Style sheet and script of the simulator's pages, with their hashes for the content security policy; knows no content. */
import { createHash } from 'node:crypto';

export const PAGE_STYLE = `
:root { color-scheme: light dark; --bg: #eef1f6; --card: #fff; --ink: #1b1b1f; --soft: #5c606b; --line: #d9dde5;
  --brand: #0f6cbd; --brand-ink: #fff; --hover: #f3f6fb; --bad: #b3261e; --good: #0e700e; }
@media (prefers-color-scheme: dark) { :root { --bg: #14161a; --card: #1f2228; --ink: #f2f3f5; --soft: #a7adb9;
  --line: #363b45; --brand: #479ef5; --brand-ink: #0b1a29; --hover: #2a2e37; --bad: #f1707b; --good: #7fd77f; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--bg);
  color: var(--ink); font: 15px/1.5 'Segoe UI', system-ui, -apple-system, Roboto, sans-serif; }
main { width: 100%; max-width: 440px; background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 36px 40px 32px; box-shadow: 0 8px 28px rgb(20 30 60 / 12%); }
header { display: flex; align-items: center; gap: 10px; margin-bottom: 20px; color: var(--soft); font-weight: 600; }
.logo { width: 26px; height: 26px; border-radius: 7px; display: grid; place-items: center; background: var(--brand);
  color: var(--brand-ink); font-size: 14px; }
h1 { font-size: 24px; line-height: 1.25; font-weight: 600; margin: 0 0 8px; } p { margin: 0 0 14px; }
.soft { color: var(--soft); } .small { font-size: 13px; } .bad { color: var(--bad); } .good { color: var(--good); }
.who { color: var(--soft); margin-bottom: 6px; } code { font: 13px ui-monospace, Consolas, monospace; word-break: break-all; }
.accounts { list-style: none; margin: 16px -12px 0; padding: 0; }
.account { width: 100%; display: flex; align-items: center; gap: 14px; padding: 10px 12px; border: 0; border-radius: 8px;
  background: none; color: inherit; font: inherit; text-align: left; cursor: pointer; }
.account:hover, .account:focus-visible { background: var(--hover); }
.avatar { flex: none; width: 42px; height: 42px; border-radius: 50%; display: grid; place-items: center;
  background: var(--brand); color: var(--brand-ink); font-weight: 600; }
.account b { display: block; font-weight: 600; } .account.hinted { outline: 2px solid var(--brand); }
.permissions { margin: 12px 0 18px; padding: 0; list-style: none; border-top: 1px solid var(--line); }
.permissions li { padding: 10px 0; border-bottom: 1px solid var(--line); }
label { display: block; font-weight: 600; margin-bottom: 6px; }
input[type=text] { width: 100%; padding: 10px 12px; font: 600 20px ui-monospace, Consolas, monospace; letter-spacing: 3px;
  text-transform: uppercase; border: 1px solid var(--soft); border-radius: 6px; background: var(--card); color: inherit; }
.actions { display: flex; justify-content: flex-end; gap: 10px; margin-top: 22px; }
button.action { min-width: 108px; padding: 8px 18px; font: inherit; font-weight: 600; border-radius: 6px; cursor: pointer;
  border: 1px solid var(--line); background: var(--card); color: inherit; }
button.primary { background: var(--brand); border-color: var(--brand); color: var(--brand-ink); }
button:focus-visible, input:focus-visible, a:focus-visible { outline: 2px solid var(--brand); outline-offset: 2px; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 14px; margin: 16px 0 0; font-size: 13px; }
dt { color: var(--soft); } dd { margin: 0; word-break: break-all; }
footer { margin-top: 26px; padding-top: 14px; border-top: 1px solid var(--line); color: var(--soft); font-size: 12px; }
`;

/** Submits the form that carries the answer to the app; the page also has a button for it. */
export const PAGE_SCRIPT = `const f = document.getElementById('response'); if (f instanceof HTMLFormElement) f.submit();`;

/** No remote content at all; forms go back to this origin or to a loopback app. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src '${hash(PAGE_STYLE)}'`,
  `script-src '${hash(PAGE_SCRIPT)}'`,
  "form-action 'self' http://localhost:* http://127.0.0.1:*",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
