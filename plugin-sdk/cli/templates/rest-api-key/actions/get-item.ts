import { action, type Static, Type } from "@plugboard/plugin-sdk";
import { callApi, Item } from "../api.ts";

export const getItem = action({
  title: "Get an item",
  input: Type.Object({ id: Type.String({ minLength: 1 }) }),
  output: Item,
  async run({ input, fetch }) {
    const { id, name } = await callApi<Static<typeof Item>>(fetch, `/items/${encodeURIComponent(input.id)}`);
    return { id, name };
  },
});
