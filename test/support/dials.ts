import { once } from "node:events";
import net, { type LookupFunction } from "node:net";
import type { TestContext } from "node:test";

/** A server that nobody may reach, standing at the end of every way that leads off this machine or into it. */
export interface Canary {
  /** `address:port` of every connection that the host tried to open to a place that is not one of the test's own. */
  readonly hits: string[];
}

interface DialOptions {
  host?: string;
  port?: number | string;
  path?: string;
  lookup?: LookupFunction;
}

/** Ports that a plugin's request to a name can lead to; the test's own servers never have them. */
const vendorPorts = [443, 8443];

/**
 * Stands at the last step before the operating system: what the host dials is written down and led to the canary, so
 * that no attack of a test gets further than this process. Connections to the test's own servers (loopback, any port but
 * a vendor's) pass.
 */
export async function watchDials(t: TestContext): Promise<Canary> {
  const hits: string[] = [];
  const server = net.createServer((socket) => socket.on("error", () => {}).destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const { connect } = net.Socket.prototype;
  t.after(() => {
    net.Socket.prototype.connect = connect;
    server.close();
  });
  net.Socket.prototype.connect = function watched(this: net.Socket, ...args: unknown[]) {
    const [options, connected] = (Array.isArray(args[0]) ? args[0] : args) as [
      DialOptions,
      (() => void) | null,
    ];
    const targets = targetsOf(options);
    if (targets.length === 0) return connect.apply(this, args as Parameters<typeof connect>);
    hits.push(...targets);
    const { lookup, ...rest } = options;
    return connect.call(
      this,
      { ...rest, host: "127.0.0.1", port } as never,
      connected ?? (undefined as never),
    );
  } as typeof connect;
  return { hits };
}

/** Where a connection would lead that is none of the test's own. */
function targetsOf(options: DialOptions): string[] {
  if (typeof options !== "object" || options === null || options.path || options.port === undefined)
    return [];
  const isVendors = vendorPorts.includes(Number(options.port));
  return addressesOf(options)
    .filter((address) => isVendors || !/^(?:127\.0\.0\.1|::1|localhost)$/.test(address))
    .map((address) => `${address}:${options.port}`);
}

function addressesOf({ host = "localhost", lookup }: DialOptions): string[] {
  if (net.isIP(host) || !lookup || host === "localhost") return [host];
  let found: string[] = [];
  lookup(host, { all: true }, (error, addresses) => {
    found = error ? [] : (addresses as unknown as { address: string }[]).map(({ address }) => address);
  });
  return found;
}
