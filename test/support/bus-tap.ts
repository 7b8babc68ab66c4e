// A plain NATS client beside the product: hears everything on the bus and sends what no client of ours would send.
import {
  connect,
  createInbox,
  headers as createHeaders,
  type ConnectionOptions,
  type Msg,
  type NatsConnection,
} from 'nats.ws';

export interface TappedMessage {
  subject: string;
  reply: string | undefined;
  headers: Record<string, string>;
  /** Payload as text. */
  text: string;
}

export interface BusTap extends AsyncDisposable {
  readonly connection: NatsConnection;
  /** Everything heard so far, in order. */
  readonly messages: readonly TappedMessage[];
  /** Parsed payloads of one subject. */
  on(subject: string): Record<string, unknown>[];
  /** Sends a request as given and resolves with the first message that answers it. */
  request(
    subject: string,
    payload: string | Uint8Array | object,
    options?: { headers?: Record<string, string>; timeoutMs?: number },
  ): Promise<TappedMessage & { json: Record<string, unknown> }>;
}

/**
 * `subjects`: what to hear. A tap on everything also counts as somebody who may answer, so that requests to an agent that
 * is gone wait for it instead of failing at once.
 */
export async function tapBus(
  url: string,
  { subjects = ['>'], ...options }: ConnectionOptions & { subjects?: readonly string[] } = {},
): Promise<BusTap> {
  const connection = await connect({ servers: url, name: 'tap', ...options });
  const messages: TappedMessage[] = [];
  for (const subject of subjects) {
    connection.subscribe(subject, {
      callback: (error, message) => void (error === null && messages.push(read(message))),
    });
  }
  await connection.flush();
  return {
    connection,
    messages,
    on: (subject) =>
      messages
        .filter((message) => message.subject === subject)
        .map(({ text }) => JSON.parse(text) as Record<string, unknown>),
    async request(subject, payload, { headers = {}, timeoutMs = 20_000 } = {}) {
      const natsHeaders = createHeaders();
      for (const [name, value] of Object.entries(headers)) natsHeaders.set(name, value);
      const reply = createInbox(options.inboxPrefix);
      const data = typeof payload === 'object' && !(payload instanceof Uint8Array) ? JSON.stringify(payload) : payload;
      const answer = await new Promise<Msg>((resolve, reject) => {
        connection.subscribe(reply, {
          max: 1,
          timeout: timeoutMs,
          callback: (error, message) => {
            if (error === null) resolve(message);
            else reject(new Error(`${subject} was not answered within ${timeoutMs} ms`, { cause: error }));
          },
        });
        connection.publish(subject, data, { reply, headers: natsHeaders });
      });
      const heard = read(answer);
      return {
        ...heard,
        get json() {
          return JSON.parse(heard.text) as Record<string, unknown>;
        },
      };
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

function read({ subject, reply, headers, data }: Msg): TappedMessage {
  const entries = headers === undefined ? [] : headers.keys().map((name) => [name, headers.get(name)] as const);
  return {
    subject,
    reply: reply === '' ? undefined : reply,
    headers: Object.fromEntries(entries),
    text: new TextDecoder().decode(data),
  };
}
