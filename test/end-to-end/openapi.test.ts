/** What the document says and what the host answers are the same. */
import assert from "node:assert/strict";
import test from "node:test";
import { startTestHost } from "../support/host.ts";

interface Operation {
  operationId: string;
  security: object[];
  responses: Record<string, unknown>;
}

test("every documented route is there, and none is open that is not documented as open", async (t) => {
  const host = await startTestHost(t);
  const { body: document } = await host.anonymous.get("/api/v1/openapi.json");
  const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        operation,
      })),
  );
  assert.ok(operations.length >= 18, `${operations.length} operations`);
  for (const { path, method, operation } of operations) {
    await t.test(`${method} ${path}`, async () => {
      const answer = await host.anonymous.send(method, path.replaceAll(/\{\w+\}/g, "x"));
      assert.notEqual(answer.body.code, "route-not-found");
      assert.notEqual(answer.body.code, "method-not-allowed");
      if (operation.security.length > 0) assert.equal(answer.status, 401);
      assert.ok(String(answer.status) in operation.responses, `${answer.status} is documented`);
    });
  }

  await t.test("the type of a problem leads to what it means", async () => {
    const { body } = await host.anonymous.get("/api/v1/installs");
    const [path, code] = body.type.split("#");
    const page = await host.anonymous.get(path);
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
    assert.ok(page.body.includes(`<section id="${code}">`));
  });

  await t.test("routes of the contract are documented", () => {
    const documented = operations.map(({ path, method }) => `${method} ${path}`);
    for (const route of [
      "GET /api/v1/health",
      "POST /api/v1/tenants",
      "GET /api/v1/tenants",
      "POST /api/v1/api-keys",
      "GET /api/v1/marketplace/plugins",
      "POST /api/v1/installs",
      "PATCH /api/v1/installs/{id}",
      "POST /api/v1/connections",
      "POST /api/v1/connections/{id}/actions/{action}",
    ]) {
      assert.ok(documented.includes(route), route);
    }
  });
});
