// How links travel inside of plain text: the words between two marks, the address behind. The marks are of the private use
// area and are taken out of whatever comes from outside first, so that nobody else can write a link.

export const linkStart = '\ue000';
export const linkMiddle = '\ue001';
export const linkEnd = '\ue002';

const marks = /[\ue000-\ue002]/g;

export function withoutLinkMarks(text: string): string {
  return text.replace(marks, '');
}

export const markedLink = /\ue000([^\ue000-\ue002]{0,4000})\ue001([^\ue000-\ue002]{1,8000})\ue002/g;
