// A page's line to the extension: messages are parsed on arrival, and the page's small state outlives its hiding.

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface HostPort<Outgoing, State> {
  post(message: Outgoing): void;
  /** What `saveState` got last, also after the page was hidden or the window reloaded; undefined when there is none. */
  state(): State | undefined;
  saveState(state: State): void;
}

export interface HostPortOptions<Incoming, State> {
  /** Returns undefined for what is no message of this page; it is then ignored. */
  parseMessage: (data: unknown) => Incoming | undefined;
  parseState: (data: unknown) => State | undefined;
  onMessage: (message: Incoming) => void;
}

/** To be called once per page, since VS Code hands its interface out once. */
export function openHostPort<Incoming, Outgoing, State>({
  parseMessage,
  parseState,
  onMessage,
}: HostPortOptions<Incoming, State>): HostPort<Outgoing, State> {
  const host = acquireVsCodeApi();
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const message = parseMessage(data);
    if (message !== undefined) onMessage(message);
  });
  return {
    post: (message) => host.postMessage(message),
    state: () => parseState(host.getState()),
    saveState: (state) => host.setState(state),
  };
}
