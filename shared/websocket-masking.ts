// Masks WebSocket payloads four bytes at a time; stands in for the native module `bufferutil` that `ws` looks for (see
// esbuild.mjs). It only applies a mask: `ws` makes a new random one for every frame. Source: RFC 6455, section 5.3.

/** Writes `length` bytes of `source`, masked, to `output` from `offset` on; `source` and `output` may be the same. */
export function mask(source: Uint8Array, key: Uint8Array, output: Uint8Array, offset: number, length: number): void {
  output.set(length === source.length ? source : source.subarray(0, length), offset);
  applyMask(output, key, offset, offset + length);
}

export function unmask(data: Uint8Array, key: Uint8Array): void {
  applyMask(data, key, 0, data.length);
}

/** Masks `from`…`to` in place; words where the memory is aligned, single bytes before and behind. */
function applyMask(data: Uint8Array, key: Uint8Array, from: number, to: number): void {
  const misaligned = (data.byteOffset + from) & 3;
  const wordsFrom = Math.min(to, misaligned === 0 ? from : from + 4 - misaligned);
  const wordCount = (to - wordsFrom) >> 2;
  maskBytes(data, key, from, from, wordsFrom);
  if (wordCount > 0) {
    const word = maskWord(key, wordsFrom - from);
    const words = new Int32Array(data.buffer, data.byteOffset + wordsFrom, wordCount);
    for (let index = 0; index < wordCount; index++) words[index] = (words[index] ?? 0) ^ word;
  }
  maskBytes(data, key, from, wordsFrom + wordCount * 4, to);
}

function maskBytes(data: Uint8Array, key: Uint8Array, start: number, from: number, to: number): void {
  for (let index = from; index < to; index++) data[index] = (data[index] ?? 0) ^ (key[(index - start) & 3] ?? 0);
}

const wordOfBytes = new Int32Array(1);
const bytesOfWord = new Uint8Array(wordOfBytes.buffer);

/** The four bytes of the mask from `phase` on, in the machine's byte order. */
function maskWord(key: Uint8Array, phase: number): number {
  for (let index = 0; index < 4; index++) bytesOfWord[index] = key[(phase + index) & 3] ?? 0;
  return wordOfBytes[0] ?? 0;
}
