// Makes dist/webview/codicons/main.css, the icons as a style sheet of their own, which pages and component library share.
import '@vscode/codicons/dist/codicon.css';
