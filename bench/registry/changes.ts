import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  generateSigningKey,
  signStatement,
  statementTypes,
  verifyStatement,
} from "@plugboard/plugin-sdk/trust";
import { compactVerify, importJWK } from "jose";
import { startProgram } from "../../scripts/processes.ts";
import { createTestApi } from "../../test/support/api.ts";
import { publishTestPlugin, registerPublisher } from "../../test/support/plugin.ts";
import type { Row } from "../row.ts";
import type { RunningBenchRegistry } from "./running.ts";
import { timeEach } from "./time.ts";

const adminKey = "admin-key-of-the-bench-0123456789";
const names = Array.from({ length: 10 }, (_, index) => `speed-${index}`);

/** Publish until it can be installed, and install on a host of its own that speaks to this registry. */
export async function benchChanges(registry: RunningBenchRegistry): Promise<Row[]> {
  const publisher = await registerPublisher(registry.address, "bench");
  const actions = { echo: { run: "return input;" } };
  const published = await timeEach(names, (name) =>
    publishTestPlugin(registry.address, publisher, { id: `bench/${name}`, actions }),
  );

  const dataDir = await mkdtemp(path.join(tmpdir(), "plugboard-bench-"));
  const host = await startProgram({
    program: "core/start.js",
    env: {
      PORT: "0",
      PLUGBOARD_ADMIN_KEY: adminKey,
      PLUGBOARD_DATA_DIR: dataDir,
      PLUGBOARD_REGISTRY_URL: registry.address,
      PLUGBOARD_REGISTRY_TOKEN: registry.hostToken,
      LOG_LEVEL: "error",
    },
    ready: /ready at (\S+)/,
  });
  try {
    const admin = createTestApi(host.ready, adminKey);
    const { id: tenantId } = (await admin.post("/api/v1/tenants", { name: "Bench" })).body;
    const { key } = (await admin.post("/api/v1/api-keys", { name: "bench", tenantId, scopes: ["*"] })).body;
    const api = createTestApi(host.ready, key);
    const consents = new Map<string, string>();
    for (const name of names) {
      const asked = await api.post("/api/v1/installs", { plugin: `bench/${name}` });
      consents.set(name, asked.body.consent);
    }
    const installed = await timeEach(names, async (name) => {
      const wish = { plugin: `bench/${name}`, consent: consents.get(name) };
      const { status, body } = await api.post("/api/v1/installs", wish);
      if (status !== 201) throw new Error(`install: ${JSON.stringify(body)}`);
    });
    return [
      {
        what: "publish until it can be installed, p50",
        value: published.p50Ms,
        unit: "ms",
        goal: "≤ 2,000 ms",
      },
      { what: "publish until it can be installed, slowest of ten", value: published.maxMs, unit: "ms" },
      { what: "install: download, verify, start; p50", value: installed.p50Ms, unit: "ms", goal: "≤ 250 ms" },
      { what: "install, slowest of ten", value: installed.maxMs, unit: "ms" },
    ];
  } finally {
    await host.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const verifications = 3000;

/** A statement checked in every respect, beside the signature alone. */
export async function benchSignatures(): Promise<Row[]> {
  const { publicJwk, privateJwk, kid } = await generateSigningKey();
  const claim = { publisher: "bench", audience: "plugboard-registry", issuedAt: new Date().toISOString() };
  const jws = await signStatement(statementTypes.claim, claim, { privateJwk });
  const key = await importJWK({ ...publicJwk, kid }, "Ed25519");
  const rounds = { bare: [] as number[], ours: [] as number[] };
  for (let round = 0; round < 3; round++) {
    rounds.bare.push(await perSecond(() => compactVerify(jws, key, { algorithms: ["Ed25519"] })));
    rounds.ours.push(await perSecond(() => verifyStatement(statementTypes.claim, jws, [publicJwk])));
  }
  const [bare, ours] = [Math.max(...rounds.bare), Math.max(...rounds.ours)];
  return [
    { what: "bare jose, signature alone", value: bare, unit: "checks/s", ratio: 1 },
    {
      what: "statement: form, header, key, signature, payload",
      value: ours,
      unit: "checks/s",
      ratio: ours / bare,
    },
  ];
}

async function perSecond(check: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  for (let count = 0; count < verifications; count++) await check();
  return (verifications * 1000) / (performance.now() - from);
}
