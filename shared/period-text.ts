// Says a length of time as people do: "7 days", "12 hours". It knows no calendar.

const units: readonly [string, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

/** The largest unit in which it is whole, else the largest that fits it, rounded. `milliseconds` is positive. */
export function periodText(milliseconds: number): string {
  const whole = units.find(([, length]) => milliseconds >= length && milliseconds % length === 0);
  const [name, length] = whole ?? units.find(([, fitting]) => milliseconds >= 2 * fitting) ?? ['second', 1_000];
  const count = Math.max(1, Math.round(milliseconds / length));
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** "every 7 days", "every hour". */
export function everyText(milliseconds: number): string {
  const text = periodText(milliseconds);
  return `every ${text.startsWith('1 ') ? text.slice(2) : text}`;
}
