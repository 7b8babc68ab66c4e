// How work that takes its time tells a person so and is stopped; it knows nothing of the work.

export interface Progress {
  /** One plain line for a person. */
  say: (message: string) => void;
  signal?: AbortSignal | undefined;
}
