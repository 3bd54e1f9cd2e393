import { startStripeSimulator } from "./index.ts";

const port = Number(process.env.PORT ?? 4010);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  process.stderr.write(`PORT is "${process.env.PORT}"; give a number from 0 to 65535.\n`);
  process.exit(2);
}

const simulator = await startStripeSimulator({ port });
process.stdout.write(`Stripe simulator on ${simulator.url}; any key of the form sk_test_… works.\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void simulator.close());
