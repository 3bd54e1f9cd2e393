import { expectSame, expectStatus, runAction } from "./api.ts";
import type { Narrator } from "./narrator.ts";
import type { Customer } from "./tenants.ts";

/** Configuration goes from one tenant to another, and no secret with it. */
export async function carry(narrator: Narrator, [a, b]: [Customer, Customer]): Promise<void> {
  narrator.chapter("Configuration is carried elsewhere, without secrets");

  const exported = await narrator.step(
    "A exports its connection: name, settings, limits, no key",
    async () => {
      const value = expectStatus(await a.api.get(`/api/v1/connections/${a.connections.stripe}/export`), 200);
      if (JSON.stringify(value).includes(a.keys.stripe)) throw new Error("the export holds the key");
      return { value, lines: [JSON.stringify(value).slice(0, 160)] };
    },
  );

  await narrator.step("B imports it under its own install and its own key, and it works", async () => {
    const auth = { type: "apiKey", key: b.keys.stripe };
    const made = expectStatus(
      await b.api.post("/api/v1/connections/import", { connection: exported, auth }),
      201,
    );
    await runAction(b.api, String(made.id), "list-customers");
    return { value: undefined, lines: [`${made.id}, ${made.status}`] };
  });

  await narrator.step("A clone without a credential waits for one, and calls nobody", async () => {
    const path = `/api/v1/connections/${a.connections.stripe}/clone`;
    const made = expectStatus(await a.api.post(path, { name: "A second one" }), 201);
    expectSame("it is", made.status, "configuring");
    const call = await a.api.post(`/api/v1/connections/${made.id}/actions/list-customers`, { input: {} });
    expectStatus(call, 409, "connection-inactive");
    return { value: undefined, lines: [String(call.body.detail)] };
  });
}
