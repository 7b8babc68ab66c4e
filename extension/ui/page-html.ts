// The HTML of a page in a webview and what it may load: its own script, styles and fonts, and nothing else. Pure.

export interface PageHtmlOptions {
  /** Folder of the page in extension/webview. */
  page: 'result' | 'tool-form' | 'patrol-run' | 'doctor';
  /** Read by screen readers as the name of the document. */
  title: string;
  /** BCP 47; the pages are in English and take from it how times are written. */
  language: string;
  /** Where scripts, styles and fonts may come from, as a source of a content security policy. */
  source: string;
  /** The address of a file in dist/webview. */
  address: (...path: string[]) => string;
  /** True when the page shows images of tools; they come as `data:` and never from a server. */
  images: boolean;
}

/** The page's script finds an empty body; icons come from the style sheet whose id the component library looks for. */
export function pageHtml({ page, title, language, source, address, images }: PageHtmlOptions): string {
  const policy = [
    `default-src 'none'`,
    `script-src ${source}`,
    `style-src ${source}`,
    `font-src ${source}`,
    ...(images ? ['img-src data:'] : []),
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!doctype html>
<html lang="${escapeHtml(language)}">
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

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
