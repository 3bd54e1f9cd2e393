import { join } from "node:path";
import { createTestHost, type TestHost } from "@plugboard/plugin-sdk/testing";
import { type StripeSimulator, startStripeSimulator } from "@plugboard/simulator-stripe";

/** The built plugin in the sandbox, against the simulator. The key is added on the way, as a host does. */
export interface Connected {
  host: TestHost;
  vendor: StripeSimulator;
  /** The account that requests are for from now on. */
  useKey(key: string): void;
  /** Answers the next request in the simulator's place. */
  answerNext(answer: (request: Request) => Response): void;
  /** How long ago it is for Stripe, in ms. */
  setAgo(agoMs: number): void;
  close(): Promise<void>;
}

export async function connect(): Promise<Connected> {
  let agoMs = 0;
  const vendor = await startStripeSimulator({ nowMs: () => Date.now() - agoMs });
  let key = "sk_test_tenant";
  const answers: ((request: Request) => Response)[] = [];
  const host = await createTestHost({
    directory: join(import.meta.dirname, ".."),
    answer(request) {
      const answer = answers.shift();
      if (answer) return answer(request);
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set("Authorization", `Bearer ${key}`);
      return fetch(new Request(new URL(pathname + search, vendor.url), new Request(request, { headers })));
    },
  });
  return {
    host,
    vendor,
    useKey(used) {
      key = used;
    },
    answerNext: (answer) => void answers.push(answer),
    setAgo(ago) {
      agoMs = ago;
    },
    async close() {
      await host.close();
      await vendor.close();
    },
  };
}
