// A reply whose JSON is made already; sent as it is, because a large tool result is never serialised twice.

export class RawReply {
  readonly json: Uint8Array | string;

  constructor(json: Uint8Array | string) {
    this.json = json;
  }
}
