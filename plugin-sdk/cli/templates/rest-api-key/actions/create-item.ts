import { action, requestJson, type Static, Type } from "@plugboard/plugin-sdk";
import { apiUrl, Item } from "../api.ts";

export const createItem = action({
  title: "Create an item",
  input: Type.Object({ name: Type.String({ minLength: 1, maxLength: 200 }) }),
  output: Item,
  async run({ input, fetch, log }) {
    const json = { name: input.name };
    const { id, name } = await requestJson<Static<typeof Item>>(fetch, `${apiUrl}/items`, { json });
    log.info("created an item", { id });
    return { id, name };
  },
});
