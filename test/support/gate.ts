import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** The name under which plugin code finds the gate; give `rewrite` to the host. */
export const gateHost = "gate.acme.example";

export const gatePermission = {
  network: [{ hosts: [gateHost], methods: ["GET" as const], reason: "To wait for the test." }],
};

/** What plugin code waits with: it goes on when the test opens the gate. */
export const waitAtGate = `await (await fetch("https://${gateHost}/")).text();`;

/** A vendor that answers nobody until it is opened: holds calls of plugins where a test wants them. */
export interface Gate {
  rewrite: Record<string, string>;
  /** Resolves when so many requests wait, or have waited. */
  reached(count: number): Promise<void>;
  open(): void;
}

export async function startGate(t: TestContext): Promise<Gate> {
  const waiting: ServerResponse[] = [];
  const lookers: (() => void)[] = [];
  let arrived = 0;
  let isOpen = false;
  const server = createServer((_, response) => {
    arrived += 1;
    if (isOpen) response.end("open");
    else waiting.push(response);
    for (const look of lookers) look();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const open = () => {
    isOpen = true;
    for (const response of waiting.splice(0)) response.end("open");
  };
  t.after(() => {
    open();
    server.closeAllConnections();
    server.close();
  });
  return {
    rewrite: { [gateHost]: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    reached: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (arrived >= count) resolve();
        };
        lookers.push(look);
        look();
      }),
    open,
  };
}
