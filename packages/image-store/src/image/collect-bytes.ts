/** All bytes of a stream whose types do not say that it is one of bytes. */
export async function collectBytes(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('expected a stream of bytes');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
