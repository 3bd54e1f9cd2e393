/** Accounts that are connected with OAuth 2, at a real authorization server that rotates refresh tokens. */
import test from "node:test";
import { connecting } from "./oauth/connecting.ts";
import { declaring } from "./oauth/declaring.ts";
import { givingBack } from "./oauth/giving-back.ts";
import { startOAuthHosts } from "./oauth/hosts.ts";
import { losing } from "./oauth/losing.ts";
import { processes } from "./oauth/processes.ts";
import { renewing } from "./oauth/renewing.ts";
import { robots } from "./oauth/robots.ts";
import { telling } from "./oauth/telling.ts";

test("an account is connected by a person, and its tokens are kept fresh", async (t) => {
  const hosts = await startOAuthHosts(t);
  for (const part of [connecting, renewing, losing, givingBack, robots, declaring, telling, processes])
    await t.test(part.name, (t) => part(t, hosts));
  await hosts.db.end();
});
