// Guesses whether a text was written as markdown, by marks that plain text hardly has.

const marks: readonly RegExp[] = [
  /^#{1,6} \S/m,
  /^```/m,
  /\*\*[^*\n]{1,200}\*\*/,
  /\[[^\]\n]{1,200}\]\(https?:\/\//,
  /^\|.{1,500}\|\s*\n\|[ :|-]{3,500}\|/m,
];
const looked = 20_000;
const maxLength = 400_000;

export function looksLikeMarkdown(text: string): boolean {
  if (text.length > maxLength) return false;
  const start = text.slice(0, looked);
  return marks.some((mark) => mark.test(start));
}
