// The HTML of a webview and what it may load: its own script, styles and fonts from dist/webview and nothing else.
import { env, Uri, type Webview, type WebviewOptions } from 'vscode';

export interface WebviewPageOptions {
  webview: Webview;
  extensionUri: Uri;
  /** Folder of the page in extension/webview. */
  page: 'result' | 'tool-form';
  /** Read by screen readers as the name of the document. */
  title: string;
  /** True when the page shows images of tools; they come as `data:` and never from a server. */
  images?: boolean;
}

export function webviewOptions(extensionUri: Uri): WebviewOptions {
  return { enableScripts: true, enableCommandUris: false, localResourceRoots: [webviewFolder(extensionUri)] };
}

/** The page's script finds an empty body; icons come from the style sheet whose id the component library looks for. */
export function webviewPage({ webview, extensionUri, page, title, images = false }: WebviewPageOptions): string {
  const address = (...path: string[]): string =>
    webview.asWebviewUri(Uri.joinPath(webviewFolder(extensionUri), ...path)).toString();
  const { cspSource } = webview;
  const policy = [
    `default-src 'none'`,
    `script-src ${cspSource}`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    ...(images ? ['img-src data:'] : []),
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!doctype html>
<html lang="${escapeHtml(env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" id="vscode-codicon-stylesheet" href="${escapeHtml(address('codicons', 'main.css'))}">
<link rel="stylesheet" href="${escapeHtml(address(page, 'main.css'))}">
<script type="module" src="${escapeHtml(address(page, 'main.js'))}"></script>
</head>
<body></body>
</html>
`;
}

function webviewFolder(extensionUri: Uri): Uri {
  return Uri.joinPath(extensionUri, 'dist', 'webview');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
