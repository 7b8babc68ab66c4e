// JSON whose shape a test does not spell out before it looks into it: a wrong guess fails the assertion that follows.

// oxlint-disable-next-line typescript/no-explicit-any -- the whole point of it
export type LooseJson = Record<string, any>;
