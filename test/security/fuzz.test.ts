/** Every route of both APIs, with whatever a caller could put into it: refused or done, and never a 500. */
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { connect, startTestHost } from "../support/host.ts";
import { letter } from "../support/letter.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

/** Set FUZZ_RUNS to look longer. */
const runs = { numRuns: Number(process.env.FUZZ_RUNS ?? 20) };
const text = fc.string({ unit: letter }).filter((value) => value.isWellFormed());
const telling = fc.constantFrom<unknown>(
  ...["*", "^1.0.0", ">=0.0.0-0", "active", "disabled", "2030-12-31T23:59:60Z", "\ud800", 1e308, -0, ["*"]],
  ...[
    { type: "apiKey", key: "0123456789" },
    { type: "basic", username: "a:b\0", password: "" },
  ],
);

interface Operation {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: { properties?: object } }> };
}

test("no request to any route is a 500", async (t) => {
  const host = await startTestHost(t);
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, {
    id: "acme/echo",
    actions: { echo: { run: "return input;" } },
  });
  const tenant = await host.tenant();
  const { installId, connectionId } = await connect(tenant, "acme/echo");
  const part = fc.oneof(
    fc.constantFrom(
      connectionId,
      installId,
      tenant.id,
      "acme",
      "echo",
      "1.0.0",
      "..",
      "*",
      "__proto__",
      "\0",
    ),
    text,
  );
  const value = fc.oneof(fc.jsonValue({ maxDepth: 4 }), part, telling);

  for (const document of ["/api/v1/openapi.json", "/registry/v1/openapi.json"]) {
    const { paths } = (await host.anonymous.get(document)).body as {
      paths: Record<string, Record<string, Operation>>;
    };
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        await t.test(`${method.toUpperCase()} ${path}`, async () => {
          const schema = operation.requestBody?.content["application/json"]?.schema;
          const fields = Object.keys(schema?.properties ?? {}).map((name) => [name, value] as const);
          const body = fc.oneof(
            fc.record(Object.fromEntries(fields), { requiredKeys: [] }),
            fc.jsonValue({ maxDepth: 4 }),
          );
          const inQuery = (operation.parameters ?? []).filter((parameter) => parameter.in === "query");
          const property = fc.asyncProperty(
            fc.infiniteStream(part),
            body,
            fc.boolean(),
            async (parts, sent, asAdmin) => {
              const next = () => encodeURIComponent(parts.next().value ?? "");
              const query = inQuery.map(({ name }) => `${name}=${next()}`).join("&");
              const { status, body: answer } = await (asAdmin ? host.admin : tenant.api).send(
                method.toUpperCase(),
                `${path.replaceAll(/\{[^}]+\}/g, next)}?${query}`,
                schema && { headers: { "content-type": "application/json" }, body: JSON.stringify(sent) },
              );
              assert.ok(status < 500, `${status} ${JSON.stringify(answer)}`);
            },
          );
          await fc.assert(property, runs);
        });
      }
    }
  }
  assert.doesNotMatch(host.logged(), /"msg":"request failed"/);
});
