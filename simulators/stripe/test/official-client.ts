import Stripe from "stripe";
import type { Buyer } from "../index.ts";
import { type Answer, type Driver, Refusal } from "./scenarios/index.ts";

/** How many of a connector's actions are called in Stripe's client: `create-payment-intent` is `paymentIntents.create`. */
const special: { [action: string]: [resource: string, method: string] } = {
  "get-balance": ["balance", "retrieve"],
  "finalize-invoice": ["invoices", "finalizeInvoice"],
  "void-invoice": ["invoices", "voidInvoice"],
  "send-invoice": ["invoices", "sendInvoice"],
  "mark-invoice-uncollectible": ["invoices", "markUncollectible"],
  "list-checkout-session-line-items": ["checkout.sessions", "listLineItems"],
};
const methods: { [verb: string]: string } = { get: "retrieve", delete: "del" };

/** Stripe's own client in the terms of the scenarios. */
export function officialDriver(stripe: Stripe, buyer: Buyer): Driver {
  return {
    buyer,
    async run(action, input = {}) {
      const [resource, method] = special[action] ?? callOf(action);
      const { id, cursor, idempotencyKey, defaultPaymentMethod, ...fields } = input as {
        [name: string]: unknown;
      };
      const params = {
        ...(toSnake(fields) as object),
        ...(action === "update-customer" && defaultPaymentMethod
          ? { invoice_settings: { default_payment_method: defaultPaymentMethod } }
          : {}),
        ...(cursor ? { [method === "search" ? "page" : "starting_after"]: cursor } : {}),
      };
      const options = idempotencyKey === undefined ? {} : { idempotencyKey: String(idempotencyKey) };
      const target = resource
        .split(".")
        .reduce<unknown>((at, name) => (at as { [name: string]: unknown })[name], stripe);
      const call = (target as { [method: string]: (...args: unknown[]) => Promise<object> })[method];
      if (!call) throw new TypeError(`Stripe's client has no ${resource}.${method}.`);
      try {
        const args = id === undefined ? [params, options] : [id, params, options];
        const isBare = method === "del" || action === "get-balance";
        return answerOf(await call.apply(target, isBare ? args.filter((arg) => arg !== params) : args));
      } catch (error) {
        if (!(error instanceof Stripe.errors.StripeError)) throw error;
        throw new Refusal(error.message, { status: error.statusCode, code: error.code, param: error.param });
      }
    },
  };
}

function callOf(action: string): [resource: string, method: string] {
  const [verb = "", ...words] = action.split("-");
  const plural = words.join("-").replace(/s?$/, "s");
  const resource = camel(plural.replaceAll("-", "_"));
  return [resource === "checkoutSessions" ? "checkout.sessions" : resource, methods[verb] ?? verb];
}

/** Lists as a connector answers them, without what only says that it is a list. */
function answerOf(reply: object): Answer {
  const { lastResponse: _, ...fields } = reply as { [name: string]: unknown };
  const answer = toCamel(fields) as Answer;
  if (answer.object !== "list" && answer.object !== "search_result")
    return Array.isArray(answer.items?.data) ? { ...answer, items: answer.items.data } : answer;
  const next = answer.object === "list" ? (answer.data.at(-1)?.id ?? null) : answer.nextPage;
  return { ...answer, items: answer.data, nextCursor: answer.hasMore ? next : null };
}

const camel = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const toCamel = (value: unknown): unknown => renamed(value, camel);
const toSnake = (value: unknown): unknown => renamed(value, snake);

/** All names but those of metadata, which are the tenant's own. */
function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (typeof value !== "object" || value === null || value.constructor?.name === "Decimal") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [
      rename(name),
      name === "metadata" ? held : renamed(held, rename),
    ]),
  );
}
