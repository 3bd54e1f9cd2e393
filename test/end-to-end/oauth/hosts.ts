import type { TestContext } from "node:test";
import pg from "pg";
import { createTestApi } from "../../support/api.ts";
import { startTestHost } from "../../support/host.ts";
import { startOAuthScene } from "../../support/oauth-scene.ts";

/** Two hosts over one database, and a vendor with a real authorization server that rotates refresh tokens. */
export async function startOAuthHosts(t: TestContext) {
  const scene = await startOAuthScene(t, { isolation: "thread" });
  const db = new pg.Client({ connectionString: scene.host.databaseUrl });
  await db.connect();
  const beside = await startTestHost(t, { ...scene.options, beside: scene.host });
  return { ...scene, db, beside, other: createTestApi(beside.address, scene.tenant.key) };
}

export type OAuthHosts = Awaited<ReturnType<typeof startOAuthHosts>>;
