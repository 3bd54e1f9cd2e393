import type { ResolverContext } from "../graphql/execute.ts";

/** Shopify's times are whole seconds. */
export const now = ({ nowMs }: Pick<ResolverContext, "nowMs">): string =>
  new Date(nowMs()).toISOString().replace(/\.\d+Z$/, "Z");
