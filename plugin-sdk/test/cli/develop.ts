import type { TestContext } from "node:test";
import { type DevEvent, type DevOptions, runDev } from "../../cli/dev/index.ts";
import { type Author, pluginSaying } from "./author.ts";

/** Of the plugin's vendor. */
export const key = "key-that-nobody-may-see";

/** `plugboard dev` in the author's folder; `next` waits for what it tells of a kind. */
export async function develop(t: TestContext, author: Author, options: Partial<DevOptions> = {}) {
  const told: DevEvent[] = [];
  const waiting = new Map<string, (event: DevEvent) => void>();
  const running = await runDev({
    directory: author.folder,
    env: {},
    port: 0,
    ...options,
    tell(event) {
      if (event.type === "ready" || event.type === "changed") return;
      told.push(event);
      waiting.get(event.type)?.(event);
    },
  });
  t.after(() => running.close());
  return {
    told,
    url: running.url,
    next: (type: DevEvent["type"]) => new Promise<DevEvent>((resolve) => waiting.set(type, resolve)),
  };
}

/** An index.ts whose action asks the vendor, and answers what the expression makes of the response. */
export const fetching = (path: string, expression = "await response.json()") =>
  pluginSaying("response")
    .replace("run()", "run({ fetch, log })")
    .replace(
      "return { said: response };",
      `const response = await fetch("https://api.example.com${path}");\n    log.info("asked");\n    return { said: ${expression} };`,
    );
