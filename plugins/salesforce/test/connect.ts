import { join } from "node:path";
import { createTestHost, type TestHost } from "@plugboard/plugin-sdk/testing";
import {
  type SalesforceSimulator,
  type SalesforceSimulatorOptions,
  startSalesforceSimulator,
} from "@plugboard/simulator-salesforce";

const accessToken = "00Dacme!token";

// biome-ignore lint/suspicious/noExplicitAny: what an action answers is known to the test that runs it
export type Answer = any;

/** The built plugin in the sandbox, against the simulator. The token is added on the way, as a host does. */
export interface Connected {
  host: TestHost;
  /** Runs an action. */
  run(action: string, input?: object): Promise<Answer>;
  vendor: SalesforceSimulator;
  /** Whose org requests are for from now on. */
  useToken(accessToken: string): void;
  /** Answers the next request in the simulator's place. */
  answerNext(answer: (request: Request) => Response): void;
  close(): Promise<void>;
}

/** @param options of the simulator, whose time the plugin begins at; left out, there is the org `acme` alone */
export async function connect(
  options: SalesforceSimulatorOptions & { nowMs: () => number },
): Promise<Connected> {
  const vendor = await startSalesforceSimulator({ accessTokens: { [accessToken]: "acme" }, ...options });
  const [firstOrg = "acme"] = Object.keys(options.orgs ?? {});
  let token = accessToken;
  const answers: ((request: Request) => Response)[] = [];
  const host = await createTestHost({
    directory: join(import.meta.dirname, ".."),
    now: options.nowMs(),
    config: {
      login: "login",
      instance: "acme",
      identityUrl: `https://login.salesforce.com/id/${vendor.org(firstOrg).id}/005000000000001AAA`,
      customFields: ["Account.Region__c"],
      externalIds: ["Account.ERP_Id__c"],
    },
    answer(request) {
      const answer = answers.shift();
      if (answer) return answer(request);
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set("Authorization", `Bearer ${token}`);
      return fetch(new Request(new URL(pathname + search, vendor.url), new Request(request, { headers })));
    },
  });
  return {
    host,
    run: (action, input = {}) => host.run(action, input as never),
    vendor,
    useToken(used) {
      token = used;
    },
    answerNext: (answer) => void answers.push(answer),
    async close() {
      await host.close();
      await vendor.close();
    },
  };
}
