import type { ResolverContext } from "../graphql/execute.ts";
import type { Resolvers } from "../graphql/resolve.ts";
import { now } from "./now.ts";
import { userError } from "./user-error.ts";

interface TagArguments {
  id: string;
  tags: string[];
}

type Tagged = { id: string; tags: string[]; updatedAt: string };

const tagging =
  (change: (known: readonly string[], given: readonly string[]) => string[]) =>
  (_source: unknown, { id, tags }: TagArguments, context: ResolverContext) => {
    const { Product, Order, Customer } = context.shop.tables;
    for (const table of [Product, Order, Customer] as Map<string, Tagged>[]) {
      const row = table.get(id);
      if (!row) continue;
      const node = { ...row, tags: change(row.tags, tags), updatedAt: now(context) };
      table.set(id, node);
      return { node, userErrors: [] };
    }
    return { node: null, userErrors: [userError(["id"], "Resource does not exist")] };
  };

export const tagResolvers: Resolvers = {
  Mutation: {
    tagsAdd: tagging((known, given) => [...new Set([...known, ...given])].sort()),
    tagsRemove: tagging((known, given) => known.filter((tag) => !given.includes(tag))),
  },
};
