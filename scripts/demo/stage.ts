import { randomBytes } from "node:crypto";
import path from "node:path";
import { type StripeSimulator, startStripeSimulator } from "@plugboard/simulator-stripe";
import { startProgram } from "../processes.ts";
import { type Api, createApi } from "./api.ts";
import { type Ledger, startLedger } from "./ledger.ts";
import type { Narrator } from "./narrator.ts";

/** What the play needs: the host, the stand-ins of two vendors, and the operator's key. */
export interface Stage {
  folder: string;
  address: string;
  admin: Api;
  /** Remembers what it was asked, credential included. */
  stripe: StripeSimulator;
  ledger: Ledger;
  hostOutput(): string;
  stop(): Promise<void>;
}

export async function startStage(folder: string, narrator: Narrator): Promise<Stage> {
  narrator.chapter("The stage");
  const adminKey = randomBytes(24).toString("base64url");
  const ledger = await startLedger();
  const stripe = await narrator.step("The Stripe stand-in starts", async () => {
    const value = await startStripeSimulator({ port: 0 });
    return { value, lines: [value.url] };
  });

  const host = await narrator.step(
    "The host starts: its own PostgreSQL, registry, bundled connectors",
    async () => {
      const value = await startProgram({
        program: "core/start.js",
        env: {
          PORT: "0",
          PLUGBOARD_ADMIN_KEY: adminKey,
          PLUGBOARD_DATA_DIR: path.join(folder, "data"),
          PLUGBOARD_EGRESS_REWRITE: JSON.stringify({
            "api.stripe.com": stripe.url,
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
    stripe,
    ledger,
    hostOutput: host.output,
    async stop() {
      await host.stop();
      await stripe.close();
      await ledger.close();
    },
  };
}
