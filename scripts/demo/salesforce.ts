import { type Api, expectSame, expectStatus, runAction } from "./api.ts";
import { install } from "./install.ts";
import type { Narrator } from "./narrator.ts";
import { org, type Stage } from "./stage.ts";

/** An org that an app logs in to by its own signature, and that ends its sessions. @returns the connection */
export async function openOrg(stage: Stage, api: Api, narrator: Narrator): Promise<string> {
  narrator.chapter("An org is connected by an app that signs for itself (JWT bearer)");
  const { salesforce, apps } = stage;
  const installId = await install(api, narrator, "plugboard/salesforce", {
    search: "salesforce",
    range: "^2.0.0",
  });

  const connection = await narrator.step(
    "The first token says where the org is, and the host believes Salesforce alone",
    async () => {
      const { username, clientId, privateKey } = apps.robot;
      const auth = {
        type: "oauth2",
        grant: "jwt_bearer",
        subject: username,
        privateKey,
        client: { clientId, clientSecret: "not-asked-for-0123456789" },
      };
      const body = { installId, name: "The org", config: { login: "login" }, auth };
      const made = expectStatus(await api.post("/api/v1/connections", body), 201);
      if (JSON.stringify(made).includes("PRIVATE KEY")) throw new Error("the answer holds the key");
      const tested = expectStatus(await api.post(`/api/v1/connections/${made.id}/test`, {}), 200);
      expectSame("the test went", tested.outcome, "ok");
      const { config } = expectStatus(await api.get(`/api/v1/connections/${made.id}`), 200);
      expectSame("the org is", (config as { instance?: string }).instance, org);
      return { value: String(made.id), lines: [`${username} at ${org}.my.salesforce.com`] };
    },
  );

  await narrator.step(
    "A record is written under an id of ours: there is one of it, however often",
    async () => {
      const place = { object: "Invoice__c", externalIdField: "External_Id__c", value: "INV-1" };
      for (const name of ["Lamps", "Lamps and bulbs"])
        await runAction(api, connection, "upsert-record", { ...place, fields: { Name: name } });
      const soql = "SELECT Name FROM Invoice__c WHERE External_Id__c = 'INV-1'";
      const { records } = await runAction<{ records: { Name: string }[] }>(api, connection, "query", {
        soql,
      });
      expectSame(
        "the records are",
        records.map(({ Name }) => Name),
        ["Lamps and bulbs"],
      );
      return { value: undefined, lines: [soql] };
    },
  );

  await narrator.step(
    "All sessions are ended in mid-flight: the call gets a new token, and its answer",
    async () => {
      const sentAs = () => salesforce.requests.at(-1)?.headers.authorization;
      await runAction(api, connection, "get-limits");
      const before = sentAs();
      salesforce.endSessions();
      const from = salesforce.requests.length;
      await runAction(api, connection, "get-limits");
      if (sentAs() === before) throw new Error("the token is the one that was ended");
      const statuses = salesforce.requests
        .slice(from)
        .map(({ path, status }) => `${path.split("/").at(-1)} ${status}`);
      return { value: undefined, lines: [statuses.join(", then ")] };
    },
  );

  return connection;
}
