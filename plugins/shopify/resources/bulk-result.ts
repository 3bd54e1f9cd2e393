import { type Json, PluginError, sendRequest } from "@plugboard/plugin-sdk";

/** Where Shopify keeps results; plugin.json permits no other host besides the store's. */
const storage = "https://storage.googleapis.com/";

/** What one answer holds at most, in characters of JSON: a host takes 4 MiB. */
const mostCharacters = 1_000_000;

/**
 * Objects of a JSON Lines file, beginning with the line `from`. The file is read whole, as hosts give replies to plugins,
 * so it can have no more bytes than the host allows (`fetchResponseBytes`, 10 MiB if its operator says nothing); what is
 * parsed and answered is one page.
 *
 * @throws PluginError `invalid-input` for a file that is too large
 */
export async function readLines(
  fetch: typeof globalThis.fetch,
  url: string,
  { from, limit }: { from: number; limit: number },
): Promise<{ items: { [field: string]: Json }[]; nextCursor: string | null }> {
  const text = await readFile(fetch, url);
  const items: { [field: string]: Json }[] = [];
  let line = 0;
  let characters = 0;
  for (let start = 0; start < text.length; line++) {
    const end = text.indexOf("\n", start);
    const stop = end === -1 ? text.length : end;
    if (line >= from) {
      characters += stop - start;
      const isFull = items.length === limit || (items.length > 0 && characters > mostCharacters);
      if (isFull) return { items, nextCursor: String(line) };
      items.push(parse(text.slice(start, stop)));
    }
    start = stop + 1;
  }
  return { items, nextCursor: null };
}

async function readFile(fetch: typeof globalThis.fetch, url: string): Promise<string> {
  if (!url.startsWith(storage))
    throw new PluginError("vendor-error", "Shopify keeps the result where this plugin may not read.");
  try {
    const response = await sendRequest(fetch, url, { headers: { Accept: "application/jsonl" } });
    return await response.text();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "fetch-response-too-large")
      throw new PluginError(
        "invalid-input",
        "The result has more bytes than this host lets a plugin read at once. Ask for less: fewer fields, or a part of the records (created_at:>=… created_at:<…) in each bulk query.",
        { cause: error },
      );
    throw error;
  }
}

function parse(line: string): { [field: string]: Json } {
  try {
    return JSON.parse(line) as { [field: string]: Json };
  } catch {
    throw new PluginError("vendor-error", "The result has a line that is no JSON.");
  }
}
