// A page of dist/webview in a webview of VS Code: where its files are, and what the webview may do.
import { Uri, type Webview, type WebviewOptions } from 'vscode';
import { pageHtml, type PageHtmlOptions } from './page-html.ts';
import { readerLocale } from './reader-locale.ts';

export interface WebviewPageOptions extends Pick<PageHtmlOptions, 'page' | 'title'> {
  webview: Webview;
  extensionUri: Uri;
  /** True when the page shows images of tools; they come as `data:` and never from a server. */
  images?: boolean;
}

export function webviewOptions(extensionUri: Uri): WebviewOptions {
  return { enableScripts: true, enableCommandUris: false, localResourceRoots: [webviewFolder(extensionUri)] };
}

export function webviewPage({ webview, extensionUri, page, title, images = false }: WebviewPageOptions): string {
  return pageHtml({
    page,
    title,
    language: readerLocale(),
    source: webview.cspSource,
    address: (...path) => webview.asWebviewUri(Uri.joinPath(webviewFolder(extensionUri), ...path)).toString(),
    images,
  });
}

function webviewFolder(extensionUri: Uri): Uri {
  return Uri.joinPath(extensionUri, 'dist', 'webview');
}
