import { startSalesforceSimulator } from "./index.ts";

const port = Number(process.env.PORT ?? 4012);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  process.stderr.write(`PORT is "${process.env.PORT}"; give a number from 0 to 65535.\n`);
  process.exit(2);
}

/** An app that the org lets in, with whatever redirect URI. */
const app = { clientId: "simulated-app", clientSecret: "simulated-secret" };
const accessToken = "00Dsimulated!token";
const simulator = await startSalesforceSimulator({
  port,
  apps: { [app.clientId]: { clientSecret: app.clientSecret } },
  accessTokens: { [accessToken]: "acme" },
});
process.stdout.write(
  `Salesforce simulator on ${simulator.url}; the token ${accessToken} works in the org acme, and the app ${app.clientId} with the secret ${app.clientSecret}.\n`,
);
/** Outbound messages are sent, and tried again as they become due. */
const lookMs = 5_000;
setInterval(() => void simulator.deliverDue(), lookMs).unref();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void simulator.close());
