// Text for a notification, a dialog or a progress: VS Code makes links, also to commands, of markdown links in them.

/** Breaks what would be a link, invisibly: names and messages from outside may hold one. */
export function notificationText(text: string): string {
  return text.replaceAll('](', ']\u200b(');
}
