// Places in the arguments: a path of names and indexes, and the JSON pointer (RFC 6901) that stands for it.

export type FieldPath = readonly (string | number)[];

export function pointerOf(path: FieldPath): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The parts of a pointer as text; whether one is an index is known only beside the value. */
export function partsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function isWithin(pointer: string, ancestor: string): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`);
}

/** As people write it: `attendees 2, email`. Empty for the whole of the arguments. */
export function placeText(parts: readonly (string | number)[]): string {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'number' || /^\d+$/.test(part)) text += ` ${Number(part) + 1}`;
    else text += text === '' ? part : `, ${part}`;
  }
  return text.trim();
}
