// The text that the benchmarks send and get back: like the JSON of a mail, with quotes and line breaks to escape.

const sentence =
  'Hello, from the "Contoso" team:\nplease see <a href="https://contoso.example/y?z=1">the file</a> & reply by Monday. ';

/** ASCII, so that characters are bytes. */
export function payloadOf(bytes: number): string {
  return sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes);
}
