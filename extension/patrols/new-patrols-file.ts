// What a patrols.json that is made here starts with: one patrol to try, which runs by hand alone; pure.

export function newPatrolsFile(timeZone: string): string {
  const text = (value: string): string => JSON.stringify(value);
  return `// Tool calls that the agent makes by a schedule, with nobody present. Ctrl+Space offers what can be written;
// "RockBot: How to Write Patrols" explains it.
{
  "patrols": {
    "unread": {
      "description": "Unread mail. It runs by hand alone until you enable it.",
      "enabled": false,
      "schedule": { "cron": "0 8 * * 1-5", "timeZone": ${text(timeZone)} },
      "steps": [
        {
          "id": "mail",
          "server": "workiq",
          "tool": "fetch",
          "arguments": { "entityUrls": ["/me/mailFolders/inbox/messages?$filter=isRead%20eq%20false&$top=25"] },
        },
      ],
      "output": "Unread, at most 25: \${length(steps.mail.result.results[0].data.value)}",
    },
  },
}
`;
}
