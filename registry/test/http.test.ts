import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, registryErrorTable } from "@plugboard/registry";
import { loadMasterKey } from "@plugboard/service-kit/crypto";
import { httpErrors } from "@plugboard/service-kit/http";
import { createLogger } from "@plugboard/service-kit/observe";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import { startRegistry } from "./support/registry.ts";

test("every code of the error table is one that a route declares, or of HTTP itself", async (t) => {
  const { routes } = createRegistry({
    database: await openTestDatabase(t),
    masterKey: await loadMasterKey({ masterKey: Buffer.alloc(32).toString("base64"), dataDir: "" }),
    logger: createLogger({ name: "registry", level: "fatal" }),
    hostTokens: [],
  });

  const declared = new Set([...Object.keys(httpErrors.table), ...routes.flatMap(({ errors }) => errors)]);

  assert.deepEqual(
    Object.keys(registryErrorTable).filter((code) => !declared.has(code)),
    [],
  );
});

test("the API describes itself", async (t) => {
  const { url } = await startRegistry(t);

  const document = (await (await fetch(`${url}/registry/v1/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<string, object>;
  };

  assert.equal(document.openapi, "3.1.0");
  assert.ok(document.paths["/registry/v1/plugins"]);
  assert.ok(document.paths["/registry/v1/tenants/{tenantId}/installs/{id}"]);
});

test("bad input of any kind is the client's error, never the server's", async (t) => {
  const { url } = await startRegistry(t);
  const get = [
    "/plugins/Acme/echo",
    "/plugins/a%00b/c",
    "/plugins/%ff/x",
    "/publishers/%2e%2e",
    "/publications/1",
    "/none",
  ];
  const post = [
    '{"publisher":',
    '{"publisher":"acme","__proto__":{}}',
    '{"publisher":"\\u0000"}',
    "[]",
    "null",
  ];

  for (const path of get) {
    const { status } = await fetch(`${url}/registry/v1${path}`);
    assert.ok(status >= 400 && status < 500, `${path} was answered ${status}`);
  }
  for (const body of post) {
    const headers = { "content-type": "application/json" };
    const { status } = await fetch(`${url}/registry/v1/publishers`, { method: "POST", headers, body });
    assert.ok(status >= 400 && status < 500, `${body} was answered ${status}`);
  }
  const wrongMethod = await fetch(`${url}/registry/v1/root`, { method: "DELETE" });
  assert.deepEqual([wrongMethod.status, wrongMethod.headers.get("allow")?.includes("GET")], [405, true]);
});
