import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startProgram } from "../scripts/processes.ts";
import { createTestApi } from "../test/support/api.ts";
import { connect } from "../test/support/host.ts";
import { publishTestPlugin, registerPublisher } from "../test/support/plugin.ts";
import { type LoadResult, load } from "./load.ts";
import type { Row } from "./row.ts";

const seconds = 5;
const rounds = 3;
const adminKey = "admin-key-of-the-bench-0123456789";

/** `POST …/actions/echo` through the whole host, against a Koa that parses and echoes JSON. */
export async function benchHttp(): Promise<Row[]> {
  const koa = await startProgram({ program: "bench/bare-koa.ts", env: {}, ready: /(http:\/\/\S+)/ });
  try {
    return [...(await compare(koa.ready, "thread")), ...(await compare(koa.ready, "process"))];
  } finally {
    await koa.stop();
  }
}

async function compare(bareUrl: string, isolation: "thread" | "process"): Promise<Row[]> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "plugboard-bench-"));
  const host = await startProgram({
    program: "core/start.js",
    env: {
      PORT: "0",
      PLUGBOARD_ADMIN_KEY: adminKey,
      PLUGBOARD_DATA_DIR: dataDir,
      PLUGBOARD_ISOLATION: isolation,
      LOG_LEVEL: "warn",
    },
    ready: /ready at (\S+)/,
  });
  try {
    const { url, key } = await installEcho(host.ready);
    const call = { body: { input: { text: "hello" } }, seconds };
    const authorized = { ...call, headers: { authorization: `Bearer ${key}` } };
    await load(url, { ...authorized, seconds: 2 });
    await load(bareUrl, { ...call, seconds: 2 });

    const bare: LoadResult[] = [];
    const ours: LoadResult[] = [];
    for (let round = 0; round < rounds; round++) {
      bare.push(await load(bareUrl, call));
      ours.push(await load(url, authorized));
    }
    const ratios = ours.map(
      (own, round) => own.requestsPerSecond / (bare[round]?.requestsPerSecond ?? Number.NaN),
    );
    const what = `POST …/actions/echo, plugin in a ${isolation}`;
    return [
      {
        what: "bare Koa JSON echo",
        value: median(bare.map((r) => r.requestsPerSecond)),
        unit: "requests/s",
        ratio: 1,
      },
      {
        what,
        value: median(ours.map((r) => r.requestsPerSecond)),
        unit: "requests/s",
        ratio: median(ratios),
        goal: "≥ 0.40",
      },
      { what: `${what}, p50 with 32 in flight`, value: median(ours.map((r) => r.p50Ms)), unit: "ms" },
      { what: `${what}, p99 with 32 in flight`, value: median(ours.map((r) => r.p99Ms)), unit: "ms" },
    ];
  } finally {
    await host.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function installEcho(address: string): Promise<{ url: string; key: string }> {
  const admin = createTestApi(address, adminKey);
  const publisher = await registerPublisher(address, "bench");
  const schema = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
  const echo = { run: "return { text: input.text };", input: schema, output: schema };
  await publishTestPlugin(address, publisher, { id: "bench/echo", actions: { echo } });
  const { id } = (await admin.post("/api/v1/tenants", { name: "Bench" })).body;
  const { key } = (await admin.post("/api/v1/api-keys", { name: "bench", tenantId: id, scopes: ["*"] })).body;
  const { connectionId } = await connect({ id, key, api: createTestApi(address, key) }, "bench/echo");
  return { url: `${address}/api/v1/connections/${connectionId}/actions/echo`, key };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
