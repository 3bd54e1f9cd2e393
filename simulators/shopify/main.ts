import { startShopifySimulator } from "./index.ts";

const port = Number(process.env.PORT ?? 4011);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  process.stderr.write(`PORT is "${process.env.PORT}"; give a number from 0 to 65535.\n`);
  process.exit(2);
}

const simulator = await startShopifySimulator({ port });
process.stdout.write(`Shopify simulator on ${simulator.url}; any token of the form shpat_… works.\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void simulator.close());
