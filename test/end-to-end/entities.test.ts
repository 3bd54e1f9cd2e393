/** The records of a connection over HTTP: the same for every plugin, checked on both sides, and nobody else's. */
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { entityOperations } from "@plugboard/plugin-sdk/manifest";
import type { TestAnswer, TestApi } from "../support/api.ts";
import { crmPlugin } from "../support/crm-plugin.ts";
import { connect, startTestHost, type TestHost, type TestTenant } from "../support/host.ts";
import { publishTestPlugin, registerPublisher, type TestPublisher } from "../support/plugin.ts";

interface Scene {
  host: TestHost;
  publisher: TestPublisher;
  /** A tenant with a connection of its own, without records. */
  fresh(): Promise<{
    tenant: TestTenant;
    api: TestApi;
    path: string;
    connectionId: string;
    installId: string;
  }>;
}

async function start(t: TestContext): Promise<Scene> {
  const host = await startTestHost(t, { isolation: "thread" });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, crmPlugin("acme/crm"));
  return {
    host,
    publisher,
    async fresh() {
      const tenant = await host.tenant();
      const { connectionId, installId } = await connect(tenant, "acme/crm");
      return {
        tenant,
        api: tenant.api,
        connectionId,
        installId,
        path: `/api/v1/connections/${connectionId}/entities`,
      };
    },
  };
}

function send(
  api: TestApi,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<TestAnswer> {
  if (!body) return api.send(method, path, { headers });
  return api.send(method, path, {
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

test("records of a connection", async (t) => {
  const scene = await start(t);

  await t.test("are described, with all that can be done with them", async () => {
    const { api, path } = await scene.fresh();
    const { body } = await api.get(path);
    assert.deepEqual(
      body.items.map((one: { name: string }) => one.name),
      ["customer", "broken"],
    );
    assert.deepEqual(await api.get(`${path}/customer/schema`).then((found) => found.body), body.items[0]);
    assert.deepEqual(body.items[0].operations, entityOperations);
    assert.equal(body.items[0].key, "id");
  });

  await t.test("are created, read, changed, written under a key, and deleted", async () => {
    const { api, path } = await scene.fresh();
    const created = await send(api, "POST", `${path}/customer`, { email: "ann@a.test", seats: 2 });
    assert.equal(created.status, 201, JSON.stringify(created.body));
    assert.equal(created.headers.get("location"), `${path}/customer/ann`);
    const read = await api.get(`${path}/customer/ann`);
    assert.deepEqual([read.status, read.body], [200, created.body]);
    assert.equal(read.headers.get("etag"), created.headers.get("etag"));
    const changed = await send(api, "PATCH", `${path}/customer/ann`, { seats: 3 });
    assert.deepEqual([changed.body.email, changed.body.seats], ["ann@a.test", 3]);
    const written = await send(api, "PUT", `${path}/customer/bob`, { email: "bob@a.test" });
    assert.deepEqual([written.status, written.body.id], [200, "bob"]);
    assert.equal((await send(api, "DELETE", `${path}/customer/ann`)).status, 204);
    const gone = await api.get(`${path}/customer/ann`);
    assert.deepEqual([gone.status, gone.body.code], [404, "vendor-not-found"]);
    assert.equal((await send(api, "DELETE", `${path}/customer/ann`)).body.code, "vendor-not-found");
  });

  await t.test("are listed by page, by filters of their types and by time", async () => {
    const { api, path } = await scene.fresh();
    for (const [index, name] of ["a", "b", "c", "d"].entries())
      await send(api, "PUT", `${path}/customer/${name}`, { email: `${name}@x.test`, seats: index % 2 });
    const ids = async (query: string) => {
      const { status, body } = await api.get(`${path}/customer?${query}`);
      assert.equal(status, 200, JSON.stringify(body));
      return body.items.map((one: { id: string }) => one.id).join("");
    };
    const first = await api.get(`${path}/customer?limit=3`);
    assert.equal(first.body.items.length, 3);
    assert.equal(await ids(`limit=3&cursor=${first.body.nextCursor}`), "d");
    assert.equal(await ids("filter[seats]=1"), "bd");
    assert.equal(await ids("filter%5Bemail%5D=c%40x.test"), "c");
    assert.equal(await ids("updatedSince=2026-01-02T00:00:00Z"), "cd");
    const last = await api.get(`${path}/customer?filter[seats]=0&limit=2`);
    assert.equal(last.body.nextCursor, null);
  });

  await t.test("tell what changed since an answer before, in order", async () => {
    const { api, path } = await scene.fresh();
    const changes = async (query: string) => {
      const { status, body } = await api.get(`${path}/customer/changes?${query}`);
      assert.equal(status, 200, JSON.stringify(body));
      const ops = body.changes.map((one: { op: string; key: string }) => `${one.op} ${one.key}`);
      return { ...body, ops };
    };
    const none = await changes("");
    assert.deepEqual([none.changes, none.hasMore], [[], false]);
    for (const name of ["a", "b"]) await send(api, "PUT", `${path}/customer/${name}`, { email: "x@y.z" });
    await send(api, "DELETE", `${path}/customer/a`);

    const first = await changes("limit=2");
    assert.deepEqual([first.ops, first.hasMore], [["upsert a", "upsert b"], true]);
    assert.deepEqual(first.changes[1].record, (await api.get(`${path}/customer/b`)).body);
    const second = await changes(`cursor=${first.cursor}`);
    assert.deepEqual([second.ops, second.hasMore], [["remove a"], false]);
    assert.deepEqual((await changes(`cursor=${none.cursor}`)).ops, [...first.ops, ...second.ops]);
    await send(api, "PATCH", `${path}/customer/b`, { seats: 2 });
    assert.deepEqual((await changes(`cursor=${second.cursor}`)).ops, ["upsert b"]);
    // A record of that key is read from a list, and written as any other.
    for (const method of ["PUT", "PATCH"])
      assert.equal(
        (await send(api, method, `${path}/customer/changes`, { email: "x@y.z" })).body.id,
        "changes",
      );
    assert.equal((await send(api, "DELETE", `${path}/customer/changes`)).status, 204);
  });

  await t.test("tell it by cursors of that feed alone, and by none that no URL could carry", async () => {
    const { api, path } = await scene.fresh();
    const { api: otherApi, path: otherPath } = await scene.fresh();
    for (const name of ["a", "b"]) await send(api, "PUT", `${path}/customer/${name}`, { email: "x@y.z" });
    const { cursor } = (await api.get(`${path}/customer/changes?limit=1`)).body;
    const { nextCursor } = (await api.get(`${path}/customer?limit=1`)).body;
    const [id = "", sealed = ""] = cursor.split(".");
    for (const [asked, place] of [
      [api, `${path}/customer/changes?cursor=${nextCursor}`],
      [api, `${path}/broken/changes?cursor=${cursor}`],
      [otherApi, `${otherPath}/customer/changes?cursor=${cursor}`],
      [api, `${path}/customer/changes?cursor=${id}.${sealed.slice(0, -2)}`],
      [api, `${path}/customer/changes?cursor=${"x".repeat(12_000)}`],
      [api, `${path}/customer/changes?cursor=${"x".repeat(12_001)}`],
      [api, `${path}/customer/changes?limit=101`],
      [api, `${path}/customer/changes?filter[seats]=1`],
    ] as const) {
      const { status, body } = await asked.get(place);
      assert.deepEqual([status, body.code], [422, "invalid-request"], place.slice(0, 200));
    }
    const { status, body } = await api.get(`${path}/broken/changes`);
    assert.deepEqual([status, body.code], [502, "entity-output-invalid"]);
    assert.match(body.detail, /has \d+ characters once it is sealed, and 12000 are the most/);
    assert.equal(body.problems[0].pointer, "/output/cursor");
  });

  await t.test("are held against their schemas on the way in, all problems at once", async () => {
    const { api, path } = await scene.fresh();
    const refused = await send(api, "POST", `${path}/customer`, { email: "a", seats: "2", colour: 1 });
    assert.deepEqual([refused.status, refused.body.code], [422, "entity-input-invalid"]);
    assert.deepEqual(refused.body.problems.map((one: { pointer: string }) => one.pointer).sort(), [
      "/input/record/colour",
      "/input/record/email",
      "/input/record/seats",
    ]);
    for (const query of [
      "filter[seats]=many",
      "filter[id]=1",
      "filter[__proto__]=1",
      "filter[constructor]=1",
    ]) {
      const { status, body } = await api.get(`${path}/customer?${query}`);
      assert.deepEqual([status, body.code], [422, "entity-input-invalid"], query);
    }
    for (const query of [
      "filter=1",
      "filter[a][b]=1",
      "limit=0",
      "limit=101",
      "updatedSince=now",
      "page=2",
      "filter[seats]=1&filter[seats]=2",
    ])
      assert.equal((await api.get(`${path}/customer?${query}`)).body.code, "invalid-request", query);
    assert.equal(
      (await api.get(`${path}/broken?updatedSince=2026-01-01T00:00:00Z`)).body.code,
      "entity-input-invalid",
    );
  });

  await t.test(
    "are held against their schemas on the way out, and what a plugin throws keeps its class",
    async () => {
      const { api, path } = await scene.fresh();
      for (const place of ["broken", "broken/x"]) {
        const { status, body } = await api.get(`${path}/${place}`);
        assert.deepEqual([status, body.code], [502, "entity-output-invalid"], place);
      }
      for (const [place, pointer] of [
        ["broken?limit=2", "/output/items"],
        ["broken/changes?limit=2", "/output/changes"],
      ] as const) {
        const { status, body } = await api.get(`${path}/${place}`);
        assert.deepEqual(
          [status, body.code, body.problems?.[0].pointer],
          [502, "entity-output-invalid", pointer],
        );
        assert.match(body.problems[0].message, /no more than the 2 that limit asks for; it has 3/);
      }
      const limited = await api.get(`${path}/broken/throws`);
      assert.deepEqual([limited.status, limited.headers.get("retry-after")], [429, "3"]);
      assert.match(limited.body.detail, /entity "broken\.get": Slow down\./);
    },
  );

  await t.test("that there are none of, and operations that are not offered, are not found", async () => {
    const { api, path } = await scene.fresh();
    for (const name of [
      "orders",
      "__proto__",
      "constructor",
      "toString",
      "customer.list",
      "hasOwnProperty",
    ]) {
      for (const [method, place] of [
        ["GET", name],
        ["GET", `${name}/1`],
        ["GET", `${name}/schema`],
        ["GET", `${name}/changes`],
        ["DELETE", `${name}/1`],
      ] as const) {
        const { status, body } = await send(
          api,
          method,
          `${path}/${encodeURIComponent(place).replaceAll("%2F", "/")}`,
        );
        assert.deepEqual([status, body.code], [404, "entity-not-found"], `${method} ${place}`);
      }
      assert.equal((await send(api, "POST", `${path}/${name}`, {})).body.code, "entity-not-found");
    }
    const { status, body } = await send(api, "POST", `${path}/broken`, {});
    assert.deepEqual(
      [status, body.code, body.available],
      [404, "entity-operation-not-found", ["list", "get", "changesSince"]],
    );
  });

  await t.test("have keys of any characters, and no key leads anywhere else", async () => {
    const { api, path } = await scene.fresh();
    for (const key of ["a/b", "../../secret", "?x=1", "ü#%", "__proto__", "a b", "."]) {
      const place = `${path}/customer/${key === "." ? "%252E" : encodeURIComponent(key)}`;
      const written = await send(api, "PUT", place, { email: "x@y.z" });
      assert.equal(written.status, 200, `${key} ${JSON.stringify(written.body)}`);
      assert.equal((await api.get(place)).body.id, key === "." ? "%2E" : key, key);
    }
    for (const key of ["%00", "%ED%A0%80", "x".repeat(513)])
      assert.match(String((await api.get(`${path}/customer/${key}`)).status), /^4(?:00|04|22)$/, key);
  });

  await t.test("are nobody's else, and ask for their scope", async () => {
    const { path, connectionId } = await scene.fresh();
    const { tenant, path: other } = await scene.fresh();
    for (const [method, place] of [
      ["GET", ""],
      ["GET", "/customer"],
      ["GET", "/customer/schema"],
      ["GET", "/customer/changes"],
      ["GET", "/customer/a"],
      ["POST", "/customer"],
      ["PATCH", "/customer/a"],
      ["PUT", "/customer/a"],
      ["DELETE", "/customer/a"],
    ] as const) {
      const body = ["POST", "PATCH", "PUT"].includes(method) ? { email: "a@b.c" } : undefined;
      const answer = await send(tenant.api, method, `${path}${place}`, body);
      assert.deepEqual(
        [answer.status, answer.body.code],
        [404, "connection-not-found"],
        `${method} ${place}`,
      );
      assert.ok(!JSON.stringify(answer.body).includes("customer"), connectionId);
      const wrong = method === "GET" ? "entities:write" : "entities:read";
      const key = await scene.host.admin.post("/api/v1/api-keys", {
        name: "x",
        tenantId: tenant.id,
        scopes: [wrong],
      });
      const response = await fetch(new URL(`${other}${place}`, scene.host.address), {
        method,
        headers: { authorization: `Bearer ${key.body.key}`, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
      assert.equal(response.status, 403, `${method} ${place} with ${wrong}`);
      await response.body?.cancel();
    }
  });

  await t.test("are paged with cursors that cannot be forged, moved or grown", async () => {
    const { api, path } = await scene.fresh();
    const { api: otherApi, path: otherPath } = await scene.fresh();
    for (const name of ["a", "b", "c"])
      await send(api, "PUT", `${path}/customer/${name}`, { email: "x@y.z", seats: 1 });
    const { nextCursor: cursor } = (await api.get(`${path}/customer?limit=1`)).body;
    const [id = "", sealed = ""] = cursor.split(".");
    const forged = [
      "1",
      Buffer.from('"1"').toString("base64url"),
      `${id}.${Buffer.from("1").toString("base64url")}`,
      `${sealed}.${id}`,
      `${id}.${sealed.slice(0, -2)}`,
      `${id}.${sealed.slice(0, 20)}${sealed[20] === "A" ? "B" : "A"}${sealed.slice(21)}`,
      `unknown.${sealed}`,
      ".",
      "x".repeat(8_500),
    ];
    for (const one of forged) {
      const { status, body } = await api.get(`${path}/customer?cursor=${one}`);
      assert.deepEqual([status, body.code], [422, "invalid-request"], one.slice(0, 40));
    }
    assert.equal((await api.get(`${path}/customer?cursor=${"x".repeat(8_501)}`)).status, 422);
    for (const place of [
      `customer?filter[seats]=1&cursor=${cursor}`,
      `customer?updatedSince=2026-01-01T00:00:00Z&cursor=${cursor}`,
      `broken?cursor=${cursor}`,
    ])
      assert.equal((await api.get(`${path}/${place}`)).status, 422, place);
    assert.equal((await otherApi.get(`${otherPath}/customer?cursor=${cursor}`)).status, 422);
    assert.equal((await api.get(`${path}/customer?limit=2&cursor=${cursor}`)).body.items.length, 2);
  });

  await t.test("are written only if they are still what was read, where If-Match says so", async () => {
    const { api, path } = await scene.fresh();
    const { headers } = await send(api, "PUT", `${path}/customer/a`, { email: "x@y.z" });
    const etag = headers.get("etag") ?? "";
    assert.equal(
      (await send(api, "GET", `${path}/customer/a`, undefined, { "If-None-Match": etag })).status,
      304,
    );
    const first = await send(api, "PATCH", `${path}/customer/a`, { seats: 1 }, { "If-Match": etag });
    assert.equal(first.status, 200, JSON.stringify(first.body));
    for (const [method, place, ifMatch] of [
      ["PATCH", "a", etag],
      ["PUT", "a", etag],
      ["DELETE", "a", `"x", ${etag}`],
      ["PATCH", "b", etag],
      ["PUT", "b", "*"],
    ] as const) {
      const body = method === "DELETE" ? undefined : { email: "new@y.z" };
      const { status, body: problem } = await send(api, method, `${path}/customer/${place}`, body, {
        "If-Match": ifMatch,
      });
      assert.deepEqual([status, problem.code], [412, "record-changed"], `${method} ${place} ${ifMatch}`);
    }
    assert.equal((await api.get(`${path}/customer/a`)).body.email, "x@y.z");
    const now = first.headers.get("etag") ?? "";
    assert.equal(
      (await send(api, "DELETE", `${path}/customer/a`, undefined, { "If-Match": `"x", ${now}` })).status,
      204,
    );
  });

  await t.test("are created once for an Idempotency-Key, whatever became of the first request", async () => {
    const { api, path, connectionId } = await scene.fresh();
    const create = (email: string, key: string) =>
      send(api, "POST", `${path}/customer`, { email }, { "Idempotency-Key": key });
    const writes = async () =>
      (await api.post(`/api/v1/connections/${connectionId}/actions/writes`, { input: {} })).body.output;

    const first = await create("ann@a.test", "k1");
    const again = await create("ann@a.test", "k1");
    assert.deepEqual([again.status, again.body], [201, first.body]);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.equal(again.headers.get("location"), first.headers.get("location"));
    assert.equal(await writes(), 1);
    const reused = await create("bob@a.test", "k1");
    assert.deepEqual([reused.status, reused.body.code], [422, "idempotency-key-reused"]);

    // It failed, and nobody knows whether the vendor did it: it is not done again.
    const failed = await create("fails@after.write", "k2");
    const replayed = await create("fails@after.write", "k2");
    assert.deepEqual([failed.status, replayed.status, replayed.body.code], [502, 502, "vendor-unavailable"]);
    assert.equal(await writes(), 2);

    // Refused only after the vendor had done it: that is what a repetition gets, and it is not done again.
    const late = await create("refused@after.write", "k5");
    const lateAgain = await create("refused@after.write", "k5");
    assert.deepEqual([late.body.code, lateAgain.body.code], ["vendor-input-refused", "vendor-input-refused"]);
    assert.equal(lateAgain.headers.get("idempotent-replayed"), "true");
    assert.equal(await writes(), 3);

    // It was refused before anything was done: the key is free.
    assert.equal((await create("x", "k3")).status, 422);
    assert.equal((await create("refused@before.write", "k3")).body.code, "vendor-input-refused");
    assert.equal((await create("eve@a.test", "k3")).status, 201);

    // At the same time: one of them does it.
    const both = await Promise.all([create("two@a.test", "k4"), create("two@a.test", "k4")]);
    assert.ok(both.some(({ status }) => status === 201));
    assert.equal(await writes(), 5);

    for (const key of ["", "a b", "x".repeat(256)])
      assert.equal((await create("x@a.test", key)).status, 422, key);
    // Another tenant's key of the same name is another key.
    const other = await scene.fresh();
    const foreign = await send(
      other.api,
      "POST",
      `${other.path}/customer`,
      { email: "ann@a.test" },
      { "Idempotency-Key": "k1" },
    );
    assert.deepEqual([foreign.status, foreign.headers.get("idempotent-replayed")], [201, null]);
  });

  await t.test("are shown again for their key to those alone who could create them now", async () => {
    const { api, path, connectionId, installId } = await scene.fresh();
    const again = (place = `${path}/customer`, body: object = { email: "ann@a.test" }) =>
      send(api, "POST", place, body, { "Idempotency-Key": "k" });
    assert.equal((await again()).status, 201);
    const connection = `/api/v1/connections/${connectionId}`;
    await api.patch(connection, { status: "inactive" });
    assert.equal((await again()).body.code, "connection-inactive");
    await api.patch(connection, { status: "active" });
    await api.patch(`/api/v1/installs/${installId}`, { status: "disabled" });
    assert.equal((await again()).body.code, "install-disabled");
    await api.patch(`/api/v1/installs/${installId}`, { status: "active" });
    assert.equal((await again()).headers.get("idempotent-replayed"), "true");
    await api.delete(connection);
    const { status, body } = await again();
    assert.deepEqual([status, body.code], [404, "connection-not-found"]);
  });

  await t.test("and actions run once for a key, also where the answer is too large to be kept", async () => {
    const { api, connectionId } = await scene.fresh();
    const actions = `/api/v1/connections/${connectionId}/actions`;
    const echo = (input: unknown, key: string) =>
      send(api, "POST", `${actions}/echo`, { input }, { "Idempotency-Key": key });
    const small = { text: "a" };
    for (const replayed of [null, "true"]) {
      const { body, headers } = await echo(small, "k1");
      assert.deepEqual([body.output, headers.get("idempotent-replayed")], [small, replayed]);
    }
    const large = { text: "x".repeat(300_000) };
    assert.equal((await echo(large, "k2")).status, 200);
    const { status, body } = await echo(large, "k2");
    assert.deepEqual([status, body.code], [409, "idempotency-reply-not-kept"]);
    assert.equal((await api.post(`${actions}/echoes`, { input: {} })).body.output, 2);
  });

  await t.test("pass the tenant's other plugins before they are written", async () => {
    const { api, path, tenant } = await scene.fresh();
    await publishTestPlugin(scene.host.address, scene.publisher, {
      id: "acme/tidy",
      permissions: { hooks: { names: ["record.beforeWrite"], reason: "Tidy what is written" } },
      hooks: {
        "record.beforeWrite": `const { value, operation, entity, plugin } = input;
          if (value.seats === 13) return { ...value, seats: "none" };
          return { ...value, email: [operation, entity, plugin, value.email ?? ""].join(" ") };`,
      },
    });
    const asked = await tenant.api.post("/api/v1/installs", { plugin: "acme/tidy" });
    await tenant.api.post("/api/v1/installs", { plugin: "acme/tidy", consent: asked.body.consent });
    const email = async (method: string, place: string, body: object) =>
      (await send(api, method, `${path}/${place}`, body)).body.email;
    assert.equal(await email("PUT", "customer/a", { email: "x@y.z" }), "upsert customer acme/crm x@y.z");
    assert.equal(await email("PATCH", "customer/a", { seats: 1 }), "update customer acme/crm ");
    assert.equal(await email("POST", "customer", { email: "x@y.z" }), "create customer acme/crm x@y.z");
    // What does not fit the schema is dropped, and the record is written as it was.
    assert.equal(await email("PUT", "customer/a", { email: "x@y.z", seats: 13 }), "x@y.z");
  });

  await t.test("are not there over a connection that is switched off", async () => {
    const { api, path, connectionId } = await scene.fresh();
    await api.patch(`/api/v1/connections/${connectionId}`, { status: "inactive" });
    assert.deepEqual((await api.get(`${path}/customer`)).body.code, "connection-inactive");
    assert.equal((await api.get(path)).status, 200);
  });

  assert.ok(!scene.host.logged().includes('"status":500'));
});
