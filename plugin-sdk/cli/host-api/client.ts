import { createClient } from "../http/index.ts";
import * as schemas from "./schemas.ts";

export type { Install } from "./schemas.ts";

/** A Plugboard host's HTTP API, as far as the command line uses it. Every method throws CliFailure with the host's own code. */
export type HostApi = ReturnType<typeof createHostApi>;

/** What a host is asked for: what is absent stays as it is, or is the host's to choose. */
export interface InstallWish {
  range?: string | undefined;
  channel?: string | undefined;
  consent?: string | undefined;
}

/** Installing downloads, verifies and starts a plugin, and runs its hook. */
const changeTimeoutMs = 180_000;

/** @param apiKey of a tenant */
export function createHostApi(url: string, apiKey: string) {
  const { ask, send } = createClient({ kind: "host", baseUrl: url, root: `${url}/api/v1`, token: apiKey });
  const signedIn = true;
  const changing = { signedIn, timeoutMs: changeTimeoutMs };
  const of = (id: string) => `/installs/${encodeURIComponent(id)}`;
  return {
    url,
    install: (plugin: string, wish: InstallWish) =>
      ask(schemas.Install, "/installs", { ...changing, method: "POST", json: { plugin, ...given(wish) } }),
    upgrade: (id: string, wish: InstallWish) =>
      ask(schemas.Install, of(id), { ...changing, method: "PATCH", json: given(wish) }),
    async uninstall(id: string, o: { force: boolean }): Promise<void> {
      await send(`${of(id)}${o.force ? "?force=true" : ""}`, { ...changing, method: "DELETE" });
    },
    /** All of the tenant's, however many pages they fill. */
    async listInstalls(): Promise<schemas.Install[]> {
      const found: schemas.Install[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const query = new URLSearchParams({ limit: "100", ...(cursor && { cursor }) });
        const page = await ask(schemas.Installs, `/installs?${query}`, { signedIn });
        found.push(...page.items);
        cursor = page.nextCursor;
      }
      return found;
    },
  };
}

function given(wish: InstallWish): object {
  return Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));
}
