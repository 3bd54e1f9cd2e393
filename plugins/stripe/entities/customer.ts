import { entity, NotFoundError, Type } from "@plugboard/plugin-sdk";
import { deleteAtStripe, getFromStripe, postToStripe } from "../api/request.ts";
import { Customer, CustomerInput, type StripeCustomer, toCustomer, toParams } from "../customer.ts";

/** Stripe gives no more at once: https://docs.stripe.com/api/pagination */
const mostAtOnce = 100;

const pathOf = (id: string) => `/customers/${encodeURIComponent(id)}`;

/** https://docs.stripe.com/api/customers */
export const customer = entity({
  title: "Customer",
  schema: Customer,
  key: "id",
  input: CustomerInput,
  filter: Type.Object({ email: Type.Optional(Type.String({ description: "Only this address" })) }),

  async list({ cursor, limit, filter, fetch }) {
    const page = await getFromStripe<{ data: StripeCustomer[]; has_more: boolean }>({ fetch }, "/customers", {
      limit: Math.min(limit, mostAtOnce),
      starting_after: cursor ?? undefined,
      email: filter.email,
    });
    return {
      items: page.data.map(toCustomer),
      nextCursor: page.has_more ? (page.data.at(-1)?.id ?? null) : null,
    };
  },

  async get({ key, fetch }) {
    const found = await getFromStripe<StripeCustomer>({ fetch }, pathOf(key));
    if (found.deleted) throw new NotFoundError(`Customer '${key}' was deleted in Stripe`);
    return toCustomer(found);
  },

  async create({ record, idempotencyKey, fetch }) {
    const params = toParams(record);
    return toCustomer(await postToStripe<StripeCustomer>({ fetch }, "/customers", params, idempotencyKey));
  },

  async update({ key, changes, idempotencyKey, fetch }) {
    const params = toParams(changes);
    return toCustomer(await postToStripe<StripeCustomer>({ fetch }, pathOf(key), params, idempotencyKey));
  },

  async remove({ key, fetch }) {
    await deleteAtStripe({ fetch }, pathOf(key));
  },
});
