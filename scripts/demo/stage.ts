import { generateKeyPairSync, randomBytes } from "node:crypto";
import path from "node:path";
import { type SalesforceSimulator, startSalesforceSimulator } from "@plugboard/simulator-salesforce";
import { type ShopifySimulator, startShopifySimulator } from "@plugboard/simulator-shopify";
import { type StripeSimulator, startStripeSimulator } from "@plugboard/simulator-stripe";
import { startProgram } from "../processes.ts";
import { type Api, createApi } from "./api.ts";
import { type Ledger, startLedger } from "./ledger.ts";
import type { Narrator } from "./narrator.ts";

/** What the play needs: the host, the stand-ins of four vendors, and the operator's key. */
export interface Stage {
  folder: string;
  address: string;
  admin: Api;
  /** Remembers what it was asked, credential included. */
  stripe: StripeSimulator;
  shopify: ShopifySimulator;
  salesforce: SalesforceSimulator;
  ledger: Ledger;
  /** What the operator, and the tenant itself, have at the vendors for OAuth. */
  apps: { shopify: { clientId: string; clientSecret: string }; robot: Robot };
  hostOutput(): string;
  stop(): Promise<void>;
}

/** A tenant's own app at Salesforce, which logs in by its signature. */
export interface Robot {
  clientId: string;
  username: string;
  privateKey: string;
}

/** Where the stand-ins' shop and org are found. A browser that goes to the stand-in's address is in this shop. */
export const shop = "simulator";
export const org = "acme";

/** The points of a Standard plan, which come back at ten times its rate: nobody wants to wait for a play. */
const bucket = { maximumAvailable: 2_000, restoreRate: 1_000 };

export async function startStage(folder: string, narrator: Narrator): Promise<Stage> {
  narrator.chapter("The stage");
  const adminKey = randomBytes(24).toString("base64url");
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const shopifyApp = {
    clientId: "app-of-the-operator",
    clientSecret: `shpss_${randomBytes(16).toString("hex")}`,
  };
  const robot = {
    clientId: "robot-of-the-tenant",
    username: `robot@${org}.example`,
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
  const ledger = await startLedger();
  const { stripe, shopify, salesforce } = await narrator.step(
    "Stand-ins of Stripe, Shopify and Salesforce start; their vendors' own clients take them for the real ones",
    async () => {
      const value = {
        stripe: await startStripeSimulator(),
        shopify: await startShopifySimulator({
          bucket,
          apps: { [shopifyApp.clientId]: { clientSecret: shopifyApp.clientSecret } },
        }),
        salesforce: await startSalesforceSimulator({
          orgs: { [org]: { users: [robot.username] } },
          apps: {
            [robot.clientId]: { certificate: publicKey.export({ type: "spki", format: "pem" }).toString() },
          },
        }),
      };
      return { value, lines: [value.stripe.url, value.shopify.url, value.salesforce.url] };
    },
  );

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
            [`${shop}.myshopify.com`]: shopify.url,
            "login.salesforce.com": salesforce.url,
            [`${org}.my.salesforce.com`]: salesforce.url,
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
    shopify,
    salesforce,
    ledger,
    apps: { shopify: shopifyApp, robot },
    hostOutput: host.output,
    async stop() {
      await host.stop();
      for (const vendor of [stripe, shopify, salesforce, ledger]) await vendor.close();
    },
  };
}
