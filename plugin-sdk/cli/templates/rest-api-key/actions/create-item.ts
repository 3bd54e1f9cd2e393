import { action, type Static, Type } from "@plugboard/plugin-sdk";
import { callApi, Item } from "../api.ts";

export const createItem = action({
  title: "Create an item",
  input: Type.Object({ name: Type.String({ minLength: 1, maxLength: 200 }) }),
  output: Item,
  async run({ input, fetch, log }) {
    const { id, name } = await callApi<Static<typeof Item>>(fetch, "/items", { name: input.name });
    log.info("created an item", { id });
    return { id, name };
  },
});
