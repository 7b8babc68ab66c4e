// One or two letters that stand for a name.

export function initials(name: string): string {
  const words = name.split(/[\s._@-]+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const [first = '', last = ''] = name.includes('@') || words.length < 2 ? [words[0]] : [words[0], words.at(-1)];
  return [first, last]
    .map((word) => Array.from(word)[0] ?? '')
    .join('')
    .toUpperCase();
}
