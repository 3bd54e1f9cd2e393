import { startShopifySimulator } from "./index.ts";

const port = Number(process.env.PORT ?? 4011);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  process.stderr.write(`PORT is "${process.env.PORT}"; give a number from 0 to 65535.\n`);
  process.exit(2);
}

/** An app that any shop can install, with whatever redirect URI. */
const app = { clientId: "simulated-app", clientSecret: "shpss_simulated" };
const simulator = await startShopifySimulator({
  port,
  apps: { [app.clientId]: { clientSecret: app.clientSecret } },
  webhookSecret: app.clientSecret,
});
process.stdout.write(
  `Shopify simulator on ${simulator.url}; any token of the form shpat_… works, and the app ${app.clientId} with the secret ${app.clientSecret}.\n`,
);
/** Webhooks that were not taken are tried again as they become due. */
const lookMs = 10_000;
setInterval(() => void simulator.deliverDue(), lookMs).unref();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void simulator.close());
