// Names of properties as words: `startDateTime` becomes "Start date time", `user_id` "User ID".

const abbreviations: ReadonlyMap<string, string> = new Map(
  ['ID', 'IDs', 'URL', 'URLs', 'URI', 'URIs', 'HTML', 'JSON', 'UPN', 'UPNs', 'UTC', 'API', 'CC', 'BCC', 'AI'].map(
    (word) => [word.toLowerCase(), word],
  ),
);

export function fieldLabel(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[\s_\-.]+/)
    .filter((word) => word !== '')
    .map((word, index) => {
      const abbreviation = abbreviations.get(word.toLowerCase());
      if (abbreviation !== undefined) return abbreviation;
      const lower = /^[A-Z\d]{2,}$/.test(word) ? word : word.toLowerCase();
      return index === 0 ? lower.charAt(0).toUpperCase() + lower.slice(1) : lower;
    });
  return words.length === 0 ? name : words.join(' ');
}
