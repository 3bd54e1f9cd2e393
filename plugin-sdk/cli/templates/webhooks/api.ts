import { type Static, Type } from "@plugboard/plugin-sdk";

/** Where the API is. There is no token here: the host adds it to requests that plugin.json asks for. */
export const apiUrl = "https://__API_HOST__/v1";

export const Order = Type.Object({ id: Type.String(), total: Type.Integer(), currency: Type.String() });

/** What the API sends when something happens to an order. */
export interface OrderNotice {
  id: string;
  type: "order_paid" | "order_cancelled" | "ping";
  createdAt: string;
  order: Static<typeof Order>;
}
