// A name that is not taken yet; it knows nothing of what the names are of.

/** `wanted`, or with the first number behind it that makes it free: `mail`, `mail-2`, `mail-3`. */
export function freeName(wanted: string, taken: ReadonlySet<string>, separator = '-'): string {
  let free = wanted;
  for (let number = 2; taken.has(free); number++) free = `${wanted}${separator}${number}`;
  return free;
}
