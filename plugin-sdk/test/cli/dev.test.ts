import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { createNetwork } from "../../egress/index.ts";
import { createScrubber } from "../../exchange/index.ts";
import { createAuthor, manifestWith, pluginSaying } from "./author.ts";
import { develop, fetching, key } from "./develop.ts";

test("a save is served at once, and a mistake leaves the version before, told by file and line", async (t) => {
  const author = await createAuthor(t);
  await author.write({ "plugin.json": manifestWith(), "index.ts": pluginSaying('"one"') });
  const { next, told } = await develop(t, author);
  const blink = async () => (await author.run(["dev", "call", "blink", "--json"])).json();
  assert.equal((await blink()).output.said, "one");

  const loaded = next("loaded");
  await author.write({ "index.ts": pluginSaying('"two"') });
  await loaded;
  assert.equal((await blink()).output.said, "two");

  const refused = next("refused");
  await author.write({ "index.ts": pluginSaying("(") });
  const event = await refused;
  assert.ok(event.type === "refused");
  assert.deepEqual([event.serving, event.problems[0]?.file, event.problems[0]?.line], [true, "index.ts", 9]);
  assert.equal((await blink()).output.said, "two");

  const thrown = next("loaded");
  await author.write({
    "index.ts": pluginSaying('(() => { throw new PluginError("conflict", "taken"); })()').replace(
      "action,",
      "action, PluginError,",
    ),
  });
  await thrown;
  const { error } = await blink();
  assert.deepEqual([error.code, error.message, error.problems[0].line], ["conflict", "taken", 9]);
  assert.equal(told.filter(({ type }) => type === "loaded").length, 3);
});

test("requests are traced with what let them through, and the credential is seen by the vendor alone", async (t) => {
  const asked: IncomingMessage[] = [];
  const vendor = createServer((request, response) => {
    asked.push(request);
    response.end(JSON.stringify({ echo: request.headers.authorization }));
  }).listen(0, "127.0.0.1");
  await once(vendor, "listening");
  t.after(() => vendor.close());
  const author = await createAuthor(t);
  await author.write({
    "plugin.json": manifestWith({
      auth: [{ type: "apiKey", in: "header", name: "Authorization", format: "Bearer {key}" }],
    }),
    "index.ts": fetching("/lamps?on=1"),
  });
  const { told, next } = await develop(t, author, {
    env: {
      PLUGBOARD_DEV_CREDENTIAL: JSON.stringify({ type: "apiKey", key }),
      PLUGBOARD_EGRESS_REWRITE: JSON.stringify({
        "api.example.com": `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`,
      }),
    },
  });

  const answered = await author.run(["dev", "call", "blink"]);

  assert.equal(answered.code, 0, answered.stderr);
  assert.deepEqual([asked[0]?.url, asked[0]?.headers.authorization], ["/lamps?on=1", `Bearer ${key}`]);
  const traced = told.find((event) => event.type === "request")?.request;
  assert.deepEqual(
    { ...traced, durationMs: 0 },
    {
      method: "GET",
      url: "https://api.example.com/lamps?on=1",
      durationMs: 0,
      status: 200,
      permission: "permissions.network[0]",
      reason: "Reach the lamps",
      authenticated: true,
    },
  );
  assert.deepEqual(
    told.flatMap((event) => (event.type === "log" ? [event.line.message] : [])),
    ["asked"],
  );
  assert.ok(!(answered.stdout + JSON.stringify(told)).includes(key));

  const loaded = next("loaded");
  await author.write({ "index.ts": fetching("/").replace("api.example.com", "elsewhere.example.com") });
  await loaded;
  assert.equal((await author.run(["dev", "call", "blink", "--json"])).json().error.code, "fetch-not-granted");
  const refused = told.findLast((event) => event.type === "request")?.request.refused;
  assert.match(refused?.message ?? "", /No permission of this plugin covers GET https:\/\/elsewhere/);
  assert.equal(asked.length, 1);
});

test("a vendor that sends the key back in a redirect shows it to nobody", async (t) => {
  const inEachForm = [...key].map((char) => `%${char.charCodeAt(0).toString(16)}`).join("");
  const locations: { [path: string]: string } = {
    "/around": `/lamps?api_key=${key}`,
    "/encoded": `/lamps?was=${inEachForm}&api_key=x`,
    "/away": `https://other.example.com/lamps?from=${inEachForm}`,
    "/host": `https://${key}.example.com/lamps`,
    "/unlit": `/dark/${key}`,
  };
  const asked: string[] = [];
  const vendor = createServer(({ url = "" }, response) => {
    asked.push(url);
    const location = locations[url.split("?", 1)[0] ?? ""];
    response.writeHead(location ? 302 : 200, location ? { location } : {}).end("{}");
  }).listen(0, "127.0.0.1");
  await once(vendor, "listening");
  t.after(() => vendor.close());
  const author = await createAuthor(t);
  const origin = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  const env = {
    PLUGBOARD_DEV_CREDENTIAL: JSON.stringify({ type: "apiKey", key }),
    PLUGBOARD_EGRESS_REWRITE: JSON.stringify({ "api.example.com": origin, "other.example.com": origin }),
  };
  const reason = "Reach the lamps";
  await author.write({
    "plugin.json": manifestWith({
      auth: [{ type: "apiKey", in: "query", name: "api_key" }],
      permissions: {
        network: [
          {
            hosts: ["api.example.com"],
            methods: ["GET"],
            paths: [...Object.keys(locations), "/lamps"],
            reason,
          },
          { hosts: ["other.example.com"], methods: ["GET"], reason },
        ],
      },
    }),
    "index.ts": fetching("PATH", "response.url")
      .replace("times: Type.Optional(Type.Integer())", "url: Type.String()")
      .replace("run({ fetch, log })", "run({ input, fetch, log })")
      .replace('"https://api.example.comPATH"', "input.url"),
    "replies.json": [],
  });
  const { told } = await develop(t, author, { env });
  const get = async (path: string) => {
    const input = JSON.stringify({ url: `https://api.example.com${path}` });
    return (await author.run(["dev", "call", "blink", "--input", input, "--json"])).json();
  };

  assert.equal((await get("/around")).output.said, "https://api.example.com/lamps?api_key=[redacted]");
  assert.equal((await get("/encoded")).output.said, "https://api.example.com/lamps?was=[redacted]&api_key=x");
  const [away, host, unlit] = [await get("/away"), await get("/host"), await get("/unlit")];
  assert.deepEqual(
    [away, host, unlit].map(({ error }) => error.code),
    ["fetch-redirect-refused", "fetch-redirect-refused", "fetch-not-granted"],
  );
  assert.match(unlit.error.message, /GET https:\/\/api\.example\.com\/dark\/\[redacted\]/);
  assert.equal(asked.filter((url) => url.startsWith("/lamps")).length, 2, "the other host was not asked");
  const shown = JSON.stringify([told, away, host, unlit]);
  assert.ok(!shown.includes(key) && !shown.includes(inEachForm), shown);

  const scripted = await develop(t, author, { env, replies: join(author.folder, "replies.json") });
  const { error } = await get("/lamps");
  assert.match(error.message, /"request":"GET https:\/\/api\.example\.com\/lamps"/, "as the plugin wrote it");
  assert.equal(scripted.told.filter(({ type }) => type === "request").length, 1);
});

test("replies come from a file, which may change while the plugin runs", async (t) => {
  const author = await createAuthor(t);
  const reply = { request: "GET https://api.example.com/*", status: 404, body: { no: "lamp" } };
  await author.write({
    "plugin.json": manifestWith(),
    "index.ts": fetching("/lamps", "[response.status, await response.json()]"),
    "replies/lamps.json": [reply],
  });
  await develop(t, author, { replies: join(author.folder, "replies", "lamps.json") });
  const said = async () => (await author.run(["dev", "call", "blink", "--json"])).json().output.said;
  assert.deepEqual(await said(), [404, { no: "lamp" }]);
  await author.write({ "replies/lamps.json": [{ ...reply, status: 200 }] });
  assert.deepEqual(await said(), [200, { no: "lamp" }]);
});

test("addresses that are not public are refused before anything is sent", async (t) => {
  const { send, close } = createNetwork(new Map());
  t.after(close);
  for (const host of [
    "127.0.0.1",
    "localhost",
    "10.0.0.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "169.254.169.254",
  ]) {
    const request = { method: "GET", url: new URL(`https://${host}/`), headers: [], body: null };
    await assert.rejects(
      send(request, AbortSignal.timeout(5_000), { asWritten: request, scrubber: createScrubber([]) }),
      { code: "fetch-address-not-public" },
      host,
    );
  }
});
