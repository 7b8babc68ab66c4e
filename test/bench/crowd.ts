// A number of callers that make calls one after another until all of them are made. It measures nothing.

/** Rejects with the first call that does. */
export async function callInCrowd({
  callers,
  calls,
  call,
}: {
  callers: number;
  /** Of all callers together. */
  calls: number;
  call: () => Promise<void>;
}): Promise<void> {
  let left = calls;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (left-- > 0) await call();
    }),
  );
}
