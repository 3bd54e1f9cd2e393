import { action, requestJson, Type } from "@plugboard/plugin-sdk";
import { apiUrl, Order } from "../api.ts";

export const getOrder = action({
  title: "Get an order",
  input: Type.Object({ id: Type.String({ minLength: 1 }) }),
  output: Order,
  run: ({ input, fetch }) => requestJson(fetch, `${apiUrl}/orders/${encodeURIComponent(input.id)}`),
});
