import Router from "@koa/router";
import type { Account } from "../accounts.ts";
import { noSuchResource } from "../errors.ts";
import type { RequestState, StripeContext } from "../http/state.ts";
import { checkParams } from "../params/check.ts";
import type { Params } from "../params/kinds.ts";
import { applyCustomerParams, type Customer, customerParams, newCustomer } from "./customer.ts";
import { expand, expandParams } from "./expand.ts";
import { pageOf, pageParams } from "./page.ts";

const listParams = {
  ...pageParams,
  ...expandParams,
  email: { kind: "text", maxLength: 512 },
  created: {
    kind: "hash",
    fields: {
      gt: { kind: "integer" },
      gte: { kind: "integer" },
      lt: { kind: "integer" },
      lte: { kind: "integer" },
    },
  },
} as const;

const emptyList = (name: string) => (customer: Customer) => ({
  object: "list",
  data: [],
  has_more: false,
  total_count: 0,
  url: `/v1/customers/${customer.id}/${name}`,
});

const expandable = {
  default_source: (customer: Customer) => customer.default_source,
  discount: (customer: Customer) => customer.discount,
  sources: emptyList("sources"),
  subscriptions: emptyList("subscriptions"),
  tax_ids: emptyList("tax_ids"),
};

/** https://docs.stripe.com/api/customers */
export function customerRoutes(nowMs: () => number): Router<RequestState> {
  return new Router<RequestState>({ prefix: "/v1/customers" })
    .post("/", (ctx) => {
      const { expand: paths, ...params } = checkParams(ctx.state.params, {
        ...customerParams,
        ...expandParams,
      });
      const customer = applyCustomerParams(newCustomer(Math.floor(nowMs() / 1000)), params);
      ctx.body = expand(customer, paths, expandable);
      ctx.state.account.customers.set(customer.id, customer);
    })
    .get("/", (ctx) => {
      const params = checkParams(ctx.state.params, listParams);
      const page = pageOf(matching(ctx.state.account, params), params, {
        resource: "customer",
        url: "/v1/customers",
      });
      ctx.body = {
        ...page,
        data: page.data.map((one) => expand(one, params.expand, expandable, "data.")),
      };
    })
    .get("/:id", (ctx) => {
      const params = checkParams(ctx.state.params, expandParams);
      const found = ctx.state.account.customers.get(idOf(ctx));
      if (!found) throw noSuchResource("customer", idOf(ctx));
      ctx.body = "deleted" in found ? found : expand(found, params.expand, expandable);
    })
    .post("/:id", (ctx) => {
      const { expand: paths, ...params } = checkParams(ctx.state.params, {
        ...customerParams,
        ...expandParams,
      });
      const customer = applyCustomerParams(liveCustomer(ctx), params);
      ctx.body = expand(customer, paths, expandable);
      ctx.state.account.customers.set(customer.id, customer);
    })
    .delete("/:id", (ctx) => {
      checkParams(ctx.state.params, {});
      const { id } = liveCustomer(ctx);
      const deleted = { id, object: "customer", deleted: true } as const;
      ctx.state.account.customers.set(id, deleted);
      ctx.body = deleted;
    });
}

function idOf(ctx: StripeContext): string {
  return ctx.params.id ?? "";
}

function liveCustomer(ctx: StripeContext): Customer {
  const found = ctx.state.account.customers.get(idOf(ctx));
  if (!found || "deleted" in found) throw noSuchResource("customer", idOf(ctx));
  return found;
}

function matching(account: Account, params: Params): Customer[] {
  const { email, created } = params;
  const range = typeof created === "object" && created !== null && !Array.isArray(created) ? created : {};
  const fits = (bound: unknown, test: (bound: number) => boolean) => typeof bound !== "number" || test(bound);
  return [...account.customers.values()]
    .filter((customer): customer is Customer => !("deleted" in customer))
    .filter((customer) => typeof email !== "string" || customer.email === email)
    .filter(
      ({ created: at }) =>
        fits(range.gt, (bound) => at > bound) &&
        fits(range.gte, (bound) => at >= bound) &&
        fits(range.lt, (bound) => at < bound) &&
        fits(range.lte, (bound) => at <= bound),
    )
    .reverse();
}
