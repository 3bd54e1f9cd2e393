/**
 * Reads a body that has no more than so many bytes. Of a larger one, of one that breaks off and of what comes after `signal`
 * is aborted, nothing further is taken from whoever sends it.
 *
 * @returns undefined for a larger one
 * @throws the signal's reason, or what the body broke off with
 */
export async function readBody(
  { body }: Pick<Response, "body">,
  { mostBytes, signal }: { mostBytes: number; signal: AbortSignal },
): Promise<Buffer | undefined> {
  const reader = body?.getReader();
  // What is being waited for ends with it.
  const giveUp = () => void reader?.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", giveUp, { once: true });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    signal.throwIfAborted();
    for (;;) {
      const read = await reader?.read();
      signal.throwIfAborted();
      if (!read || read.done) return Buffer.concat(chunks);
      bytes += read.value.byteLength;
      if (bytes > mostBytes) return undefined;
      chunks.push(read.value);
    }
  } finally {
    signal.removeEventListener("abort", giveUp);
    giveUp();
  }
}
