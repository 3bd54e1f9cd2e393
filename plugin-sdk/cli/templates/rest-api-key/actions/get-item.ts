import { action, requestJson, type Static, Type } from "@plugboard/plugin-sdk";
import { apiUrl, Item } from "../api.ts";

export const getItem = action({
  title: "Get an item",
  input: Type.Object({ id: Type.String({ minLength: 1 }) }),
  output: Item,
  async run({ input, fetch }) {
    const url = `${apiUrl}/items/${encodeURIComponent(input.id)}`;
    const { id, name } = await requestJson<Static<typeof Item>>(fetch, url);
    return { id, name };
  },
});
