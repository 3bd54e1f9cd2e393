import { CapabilityError } from "@plugboard/sandbox";
import type { OutgoingRequest, Send } from "../egress/index.ts";
import type { UsableCredential } from "../exchange/index.ts";
import { newKeyPrefix, openExchanges } from "./exchanges/index.ts";
import type { ExchangesOptions } from "./exchanges-options.ts";

/** Who answers the requests of a plugin under test. */
export interface TestVendor {
  send: Send;
  credential: UsableCredential | undefined;
  /** How the idempotency keys of this run begin. */
  keyPrefix: string;
  /**
   * Runs a call of the plugin. That a request could not be answered is the test's business, whatever the plugin makes of
   * it: the call fails with that.
   */
  watch<Result>(call: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export type Answer = (request: Request) => Response | Promise<Response>;

/** @throws {TypeError} when both are given @throws {Error} when there is nothing to replay */
export async function openVendor(
  { answer, exchanges }: { answer?: Answer | undefined; exchanges?: ExchangesOptions | undefined },
  directory: string,
): Promise<TestVendor> {
  if (answer && exchanges)
    throw new TypeError("Give either answer() or exchanges: both stand for the vendor.");
  const opened = exchanges
    ? await openExchanges(exchanges, directory)
    : {
        send: answer ? sendTo(answer) : sendNowhere,
        credential: undefined,
        keyPrefix: newKeyPrefix(),
        close: async () => {},
      };
  const troubles: CapabilityError[] = [];
  return {
    credential: opened.credential,
    keyPrefix: opened.keyPrefix,
    close: opened.close,
    async send(...given) {
      try {
        return await opened.send(...given);
      } catch (error) {
        if (error instanceof CapabilityError && isTestsFault(error)) troubles.push(error);
        throw error;
      }
    },
    async watch(call) {
      try {
        const result = await call();
        if (troubles.length === 0) return result;
      } catch (error) {
        if (troubles.length === 0) throw error;
      }
      const [first] = troubles.splice(0);
      throw new TypeError(first?.message, { cause: first });
    },
  };
}

const isTestsFault = ({ code }: CapabilityError) =>
  code === "fetch-not-recorded" || code === "fetch-not-answered";

const sendNowhere: Send = async ({ method, url }) => {
  throw new CapabilityError(
    "fetch-not-answered",
    `The plugin asked for ${method} ${url.href}, and the test says nobody who answers: give createTestHost an answer() or exchanges.`,
  );
};

function sendTo(answer: Answer): Send {
  return async (request, signal) => answer(toRequest(request, signal));
}

function toRequest({ method, url, headers, body }: OutgoingRequest, signal: AbortSignal): Request {
  const pairs = headers.map(([name, value]): [string, string] => [name, value]);
  return new Request(url, { method, headers: pairs, body, signal, redirect: "manual" });
}
