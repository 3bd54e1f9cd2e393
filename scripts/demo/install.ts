import { type Api, expectStatus } from "./api.ts";
import type { Narrator } from "./narrator.ts";

/** Finds a plugin in the marketplace, looks at what it asks for, and agrees. @returns the install's id */
export async function install(
  api: Api,
  narrator: Narrator,
  plugin: string,
  { search, range }: { search: string; range: string },
): Promise<string> {
  await narrator.step(`The marketplace has ${plugin}`, async () => {
    const found = expectStatus(await api.get(`/api/v1/marketplace/plugins?q=${search}`), 200);
    const items = found.items as { id: string; version: string; description: string }[];
    const item = items.find(({ id }) => id === plugin);
    if (!item)
      throw new Error(`the search for "${search}" gave ${items.map(({ id }) => id).join(", ") || "nothing"}`);
    return { value: undefined, lines: [`${item.id} ${item.version}: ${item.description}`] };
  });
  const request = { plugin, range };
  const consent = await narrator.step(
    "Installing without consent is refused, and the permissions are shown",
    async () => {
      const refused = expectStatus(await api.post("/api/v1/installs", request), 409, "consent-required");
      const { network = [], hooks } = refused.permissions as {
        network?: { hosts: string[]; methods: string[]; reason: string }[];
        hooks?: { names: string[]; onFailure?: string; reason: string };
      };
      const lines = network.map(
        ({ hosts: [first = "", ...more], methods, reason }) =>
          `${methods.join(", ")} ${first}${more.length > 0 ? `, and ${more.length} more` : ""}: ${reason}`,
      );
      const asked = hooks && `${hooks.names.join(", ")}, on failure ${hooks.onFailure}: ${hooks.reason}`;
      return { value: String(refused.consent), lines: asked ? [...lines, asked] : lines };
    },
  );
  return narrator.step("With consent to exactly these it is installed", async () => {
    const installed = expectStatus(await api.post("/api/v1/installs", { ...request, consent }), 201);
    return {
      value: String(installed.id),
      lines: [`${installed.plugin} ${installed.version}, ${installed.status}`],
    };
  });
}
