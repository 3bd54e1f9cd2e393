import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { connect, startTestHost, type TestHost, type TestHostOptions, type TestTenant } from "./host.ts";
import { publishTestPlugin, registerPublisher } from "./plugin.ts";

/** What a hook does about the next values; said by a test, kept in the plugin's storage. */
export interface HookScript {
  /** Keep what it was told under `told`. */
  tells?: boolean;
  throws?: string;
  /** Members of the answer, over those of the value. */
  answer?: { [member: string]: unknown };
  /** Headers of the answer, over those of the value. */
  headers?: { [name: string]: string };
  /** Fields of the answer's JSON, over those of the value's. */
  json?: { [field: string]: unknown };
  /** The answer's body is a text of so many characters. */
  fills?: number;
  /** Members that the answer has not. */
  drops?: string[];
  /** Tries the vendor, and keeps what came of it under `told`. */
  fetches?: string;
}

export interface Seen {
  line: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export const vendorHost = "api.vendor.test";
export const vendorKey = "key-of-the-company-0123456789";

/** The connector's one action sends what it is told to, and answers what came of it. */
const send = {
  run: `const { url, ...init } = input;
    const response = await fetch(url, init);
    return { status: response.status, url: response.url, headers: Object.fromEntries(response.headers), text: await response.text() };`,
};

const sendTwice = { run: "for (const time of [1, 2]) await (await fetch(input.url)).text();" };

const hook = (name: string) => `
  const script = (await storage.get("${name}")) ?? {};
  if (script.tells) await storage.set("told", input);
  if (script.fetches) await storage.set("told", await fetch(script.fetches).then(() => "reached", (error) => error.code));
  if (script.throws) throw new Error(script.throws);
  const { value } = input;
  const { answer, headers, json } = script;
  if (script.fills) return { ...value, json: undefined, text: "x".repeat(script.fills) };
  if (!answer && !headers && !json) return;
  const kept = Object.fromEntries(Object.entries(value).filter(([name]) => !(script.drops ?? []).includes(name)));
  return { ...kept, ...(headers && { headers: { ...value.headers, ...headers } }),
    ...(json && value.json && { json: { ...value.json, ...json } }), ...answer };`;

const bearer = { type: "apiKey", in: "header", name: "Authorization", format: "Bearer {key}" };
const test = { request: `GET https://${vendorHost}/v1/me` };

const traffic = ["request.before", "response.after"];

export type HookPlugin = Awaited<ReturnType<typeof installHooks>>;

/** A vendor, a host, a connector `acme/shop`, and two plugins with hooks that are not installed yet. */
export async function startScene(
  t: TestContext,
  options: TestHostOptions & { requests?: object; auth?: object } = {},
) {
  const { requests, auth = bearer, ...ofHost } = options;
  const vendor = await startVendor(t);
  const host = await startTestHost(t, {
    isolation: "thread",
    egressRewrite: { [vendorHost]: vendor.origin },
    ...ofHost,
  });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, {
    id: "acme/shop",
    actions: { send, "send-twice": sendTwice },
    permissions: {
      network: [
        {
          hosts: [vendorHost],
          methods: ["GET", "HEAD", "POST", "PUT"],
          paths: ["/v1/**"],
          reason: "The API",
        },
      ],
    },
    manifest: { ...(requests && { requests }), auth: [{ ...auth, test }] },
  });
  for (const [id, names, onFailure] of [
    ["acme/skips", traffic],
    ["acme/refuses", [...traffic, "action.beforeRun"], "refuse"],
  ] as const)
    await publishTestPlugin(host.address, publisher, {
      id,
      hooks: Object.fromEntries(names.map((name) => [name, hook(name)])),
      actions: {
        script: {
          run: "for (const [name, script] of Object.entries(input)) await storage.set(name, script);",
        },
        told: { run: "return (await storage.get('told')) ?? null;" },
        send,
      },
      permissions: {
        network: [{ hosts: [vendorHost], methods: ["GET"], reason: "The API" }],
        storage: { maxBytes: 4_000_000, reason: "Remember the script" },
        hooks: { names: [...names], reason: "Look after requests", ...(onFailure && { onFailure }) },
      },
    });
  return { host, vendor };
}

export async function installHooks(tenant: TestTenant, plugin: "acme/skips" | "acme/refuses") {
  const { installId, connectionId } = await connect(tenant, plugin);
  const run = async (action: string, input: object) => {
    const answer = await tenant.api.post(`/api/v1/connections/${connectionId}/actions/${action}`, { input });
    if (answer.status !== 200) throw new Error(`${plugin} ${action}: ${JSON.stringify(answer.body)}`);
    return answer.body.output;
  };
  return {
    installId,
    /** Says what its hooks do from now on. */
    script: (script: { [hook in "request.before" | "response.after" | "action.beforeRun"]?: HookScript }) =>
      run("script", { "request.before": {}, "response.after": {}, "action.beforeRun": {}, ...script }),
    told: () => run("told", {}),
    send: (input: object) => run("send", input),
  };
}

/** Sends through the connector's action; what the connector got, or the API's problem. */
export function sender(tenant: TestTenant, connectionId: string) {
  return async (input: { url: string; [init: string]: unknown }) => {
    const { status, body } = await tenant.api.post(`/api/v1/connections/${connectionId}/actions/send`, {
      input,
    });
    return { status, callId: body.callId, problem: body, reply: body.output };
  };
}

/** How often each hook ended how: `request.before acme/skips changed`. */
export async function hookRuns(host: TestHost): Promise<Map<string, number>> {
  const metrics = (await host.anonymous.get("/metrics")).body as string;
  const lines = metrics.matchAll(
    /^plugboard_hook_runs_total\{hook="([^"]*)",plugin="([^"]*)",outcome="([^"]*)"\} (\d+)/gm,
  );
  return new Map(
    [...lines].map(([, name, plugin, outcome, count]) => [`${name} ${plugin} ${outcome}`, Number(count)]),
  );
}

async function startVendor(t: TestContext) {
  const seen: Seen[] = [];
  const answer: { now(request: Seen, response: ServerResponse): void } = {
    now: (_, response) => response.end("ok"),
  };
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request
      .on("data", (chunk) => chunks.push(chunk))
      .on("end", () => {
        const { method, url, headers } = request;
        const one = { line: `${method} ${url}`, headers, body: Buffer.concat(chunks).toString() };
        seen.push(one);
        answer.now(one, response);
      });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, answer, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
