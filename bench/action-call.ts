import type { TestTenant } from "../test/support/host.ts";

/** Posts one action call and gives its output. @throws with status and body if it is not 200 */
export async function callAction(
  tenant: TestTenant,
  actionUrl: string,
  input: unknown,
): Promise<Record<string, unknown>> {
  const response = await fetch(actionUrl, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${tenant.key}` },
    body: JSON.stringify({ input }),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text.slice(0, 300)}`);
  return (JSON.parse(text) as { output: Record<string, unknown> }).output;
}

/** Runs `work` over all items, `width` at a time. */
export async function inParallel<Item>(items: Item[], width: number, work: (item: Item) => Promise<void>) {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
