// Values from outside within a message: so much of them that they are known again.

const longest = 80;

export function shortText(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
