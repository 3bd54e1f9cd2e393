import type { Resolvers } from "../graphql/resolve.ts";
import type { Shop } from "../shops.ts";
import { type ListArguments, listed, numberIn } from "./list.ts";

/** What happened in a shop, as its timeline keeps it: here only what was deleted. */
export interface StoreEvent {
  id: string;
  action: string;
  subjectId: string;
  subjectType: string;
  createdAt: string;
  updatedAt: string;
}

export function rememberRemoval(shop: Shop, subjectType: string, subjectId: string, at: string): void {
  const id = shop.newId("BasicEvent");
  const event = { id, action: "destroy", subjectId, subjectType, createdAt: at, updatedAt: at };
  shop.tables.BasicEvent.set(id, event);
}

export const eventResolvers: Resolvers = {
  QueryRoot: {
    events: (_source, args: ListArguments, context) =>
      listed(
        context.shop.tables.BasicEvent.values(),
        args,
        {
          fields: {
            action: ({ action }) => action,
            subject_type: ({ subjectType }) => subjectType,
            subject_id: ({ subjectId }) => numberIn(subjectId),
          },
          text: ({ action }) => action,
        },
        context,
      ),
  },
};
