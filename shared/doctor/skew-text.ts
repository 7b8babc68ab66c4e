// What a difference between two clocks means, in words; pure.

/** Milliseconds; a positive difference means that ours is ahead. */
export function skewText(differenceMs: number): string {
  const seconds = Math.round(Math.abs(differenceMs) / 1000);
  const amount = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `${amount} ${differenceMs > 0 ? 'ahead' : 'behind'}`;
}
