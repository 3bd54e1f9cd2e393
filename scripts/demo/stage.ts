import { randomBytes } from "node:crypto";
import path from "node:path";
import { type Api, createApi } from "./api.ts";
import { type Ledger, startLedger } from "./ledger.ts";
import type { Narrator } from "./narrator.ts";
import { type Running, startProgram } from "../processes.ts";

/** What the play needs: the host, the stand-ins of two vendors, and the operator's key. */
export interface Stage {
  folder: string;
  address: string;
  admin: Api;
  /** The stand-in's own page of what it was asked, credential included. */
  stripeRequests(): Promise<{ method: string; path: string; authorization: string | null }[]>;
  ledger: Ledger;
  hostOutput(): string;
  stop(): Promise<void>;
}

export async function startStage(folder: string, narrator: Narrator): Promise<Stage> {
  narrator.chapter("The stage");
  const adminKey = randomBytes(24).toString("base64url");
  const ledger = await startLedger();
  const running: Running[] = [];
  const start = async (options: Parameters<typeof startProgram>[0]) => {
    const program = await startProgram(options);
    running.push(program);
    return program;
  };

  const stripe = await narrator.step("The Stripe stand-in starts", async () => {
    const value = await start({
      program: "simulators/stripe/main.ts",
      env: { PORT: "0" },
      ready: /(http:\/\/127\.0\.0\.1:\d+)/,
    });
    return { value, lines: [value.ready] };
  });

  const host = await narrator.step(
    "The host starts: its own PostgreSQL, registry, bundled connectors",
    async () => {
      const value = await start({
        program: "core/main.ts",
        env: {
          PORT: "0",
          PLUGBOARD_ADMIN_KEY: adminKey,
          PLUGBOARD_DATA_DIR: path.join(folder, "data"),
          PLUGBOARD_EGRESS_REWRITE: JSON.stringify({
            "api.stripe.com": stripe.ready,
            "api.ledger.example": ledger.url,
          }),
        },
        ready: /ready at (http:\/\/[\d.]+:\d+)/,
      });
      return { value, lines: [value.ready] };
    },
  );

  return {
    folder,
    address: host.ready,
    admin: createApi(host.ready, adminKey),
    async stripeRequests() {
      const response = await fetch(`${stripe.ready}/_simulator/requests`);
      return (await response.json()) as { method: string; path: string; authorization: string | null }[];
    },
    ledger,
    hostOutput: host.output,
    async stop() {
      for (const program of running.reverse()) await program.stop();
      await ledger.close();
    },
  };
}
