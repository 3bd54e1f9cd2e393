import net, { type LookupFunction } from "node:net";
import type { TestContext } from "node:test";

interface DialOptions {
  host: string;
  port: number | string;
  lookup?: LookupFunction;
  [option: string]: unknown;
}

export interface Dials {
  /** `address:port` of every connection that the process tried to open: what the socket would use, not what was said. */
  addresses: string[];
  /** The sockets of these connections, this side of them. */
  sockets: net.Socket[];
}

/** Reserved for tcpmux, which nobody runs: a connection is refused at once. */
const closedPort = 1;

/**
 * Stands at the last step before the operating system: public addresses cannot be dialled in a test, so their
 * connections are noted and led to a port of this machine; by default to one where nobody listens.
 */
export function interceptDials(t: TestContext, localPort = closedPort): Dials {
  const dials: Dials = { addresses: [], sockets: [] };
  const { connect } = net.Socket.prototype;
  t.after(() => {
    net.Socket.prototype.connect = connect;
  });
  net.Socket.prototype.connect = function intercepted(this: net.Socket, ...args: unknown[]) {
    const [options, connected] = (Array.isArray(args[0]) ? args[0] : args) as [
      DialOptions,
      (() => void) | null,
    ];
    const addresses = addressesOf(options);
    dials.addresses.push(...addresses.map((address) => `${address}:${options.port}`));
    dials.sockets.push(this);
    const { lookup, ...rest } = options;
    return connect.call(
      this,
      { ...rest, host: "127.0.0.1", port: localPort } as never,
      connected ?? (undefined as never),
    );
  } as typeof connect;
  return dials;
}

function addressesOf({ host, lookup }: DialOptions): string[] {
  if (net.isIP(host)) return [host];
  if (!lookup) return [`(the system's answer for ${host})`];
  let found: string[] = [];
  lookup(host, { all: true }, (error, addresses) => {
    found = error ? [] : (addresses as unknown as { address: string }[]).map(({ address }) => address);
  });
  return found;
}
