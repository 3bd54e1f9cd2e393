import Router from "@koa/router";
import type { RequestState, StripeContext } from "../../http/state.ts";
import { checkParams } from "../../params/check.ts";
import type { Params, ParamTable } from "../../params/kinds.ts";
import type { AnyRecord, Name } from "../../records/shapes.ts";
import { searchParams, searchRecords } from "../../search/index.ts";
import { type Expandable, expand, expandParams } from "./expand.ts";
import { listOf, pageOf, pageParams } from "./page.ts";
import type { Operation, Resource } from "./resource.ts";

/** The routes of a resource, as all of Stripe's have them (https://docs.stripe.com/api). */
export function routesOf<Of extends Name>(
  resource: Resource<Of>,
  expandableOf: (object: string) => Expandable | undefined,
): Router<RequestState> {
  const { name, path, create, update, remove, actions = {}, parts = {}, search } = resource;
  const router = new Router<RequestState>({ prefix: path });
  const idOf = (ctx: StripeContext) => ctx.params.id ?? "";

  function read(ctx: StripeContext, table: ParamTable, required: readonly string[] = []): Params {
    return checkParams(ctx.state.params, { ...table, ...expandParams }, required);
  }
  function answer(ctx: StripeContext, reply: object, params: Params): void {
    ctx.body = expand(ctx.state.call, reply, params.expand, expandableOf);
  }
  function perform<Before extends unknown[]>(
    ctx: StripeContext,
    operation: Operation<object, Before>,
    ...before: Before
  ): void {
    const params = read(ctx, operation.params, operation.required);
    const { expand: _, ...given } = params;
    answer(ctx, operation.run(ctx.state.call, given, ...before), params);
  }
  const found = (ctx: StripeContext) => ctx.state.call.find(name, idOf(ctx));

  if (create) router.post("/", (ctx) => perform(ctx, create));
  const { filters, keep } = resource.list;
  const listParams = Object.fromEntries(Object.entries(filters).map(([param, { kind }]) => [param, kind]));
  router.get("/", (ctx) => {
    const params = read(ctx, { ...pageParams, ...listParams });
    const fitting = ctx.state.call
      .all(name)
      .filter((record) => keep?.(record, params) ?? true)
      .filter((record) =>
        Object.entries(filters).every(
          ([param, { fits }]) => params[param] === undefined || (fits?.(record, params[param]) ?? true),
        ),
      );
    answer(ctx, pageOf(fitting.reverse(), params, { resource: name, url: path }), params);
  });

  if (search)
    router.get("/search", (ctx) => {
      const params = read(ctx, searchParams, ["query"]);
      const records = ctx.state.call.all(name) as unknown as AnyRecord[];
      answer(ctx, searchRecords(records, params, search, `${path}/search`), params);
    });

  router.get("/:id", (ctx) => {
    const params = read(ctx, {});
    const isDeletedCustomer = name === "customer" && ctx.state.account.deleted.has(idOf(ctx));
    if (isDeletedCustomer) ctx.body = { id: idOf(ctx), object: name, deleted: true };
    else answer(ctx, found(ctx), params);
  });
  for (const [part, itemsOf] of Object.entries(parts))
    router.get(`/:id/${part}`, (ctx) => {
      const params = read(ctx, pageParams);
      const url = `${path}/${idOf(ctx)}/${part}`;
      const items = itemsOf(ctx.state.call, found(ctx));
      answer(
        ctx,
        items.length === 0 ? listOf(url, items) : pageOf(items, params, { resource: part, url }),
        params,
      );
    });
  if (update) router.post("/:id", (ctx) => perform(ctx, update, found(ctx)));
  for (const [action, operation] of Object.entries(actions))
    router.post(`/:id/${action}`, (ctx) => perform(ctx, operation, found(ctx)));
  if (remove) router.delete("/:id", (ctx) => perform(ctx, remove, found(ctx)));
  return router;
}
