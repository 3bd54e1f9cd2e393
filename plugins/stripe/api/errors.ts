import {
  type Json,
  PluginError,
  type PluginErrorCode,
  type ReadVendorError,
  type VendorFailure,
} from "@plugboard/plugin-sdk";
import { fieldName } from "./convert.ts";

/** The `error` member of Stripe's error replies: https://docs.stripe.com/api/errors */
interface StripeError {
  type?: string;
  code?: string;
  decline_code?: string;
  message?: string;
  param?: string;
  doc_url?: string;
  charge?: string;
  payment_intent?: { id?: string };
}

/** Says what Stripe's errors mean: the class that tells the host what to do, and what a caller can do about it. */
export const stripeError: ReadVendorError = (failure) => {
  const error = (failure.body as { error?: StripeError } | undefined)?.error ?? {};
  const told: { [name: string]: Json | undefined } = {
    status: failure.status,
    type: error.type,
    code: error.code,
    declineCode: error.decline_code,
    param: error.param,
    pointer: error.param && pointerTo(error.param),
    docUrl: error.doc_url,
    charge: error.charge,
    paymentIntent: error.payment_intent?.id,
  };
  const details = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
  return {
    code: classOf(failure, error),
    message: error.message ?? `Stripe answered ${failure.status}.`,
    details: details as Json,
  };
};

/** Whether Stripe has refused this parameter, such as one that names what is no longer there. */
export function isRefusalOf(param: string, error: unknown): boolean {
  const details =
    error instanceof PluginError ? (error.details as { param?: string } | undefined) : undefined;
  return details?.param === param;
}

/** Codes that say that the record's present state is in the way: https://docs.stripe.com/error-codes */
const ofState =
  /unexpected_state$|^charge_already_|^charge_(disputed|not_refundable)|^invoice_(already|not_editable|no_|payment_intent)|_already_exists$|^resource_already|^status_transition_invalid$/;

function classOf({ status, code }: VendorFailure, error: StripeError): PluginErrorCode {
  if (error.type === "idempotency_error") return "conflict";
  if (error.type === "card_error" || status === 402) return "vendor-error";
  if (status === 424) return "vendor-unavailable";
  if (status === 400 && error.code && ofState.test(error.code)) return "conflict";
  return code;
}

/** `items[0][price_data]` is `/items/0/priceData` in an action's input. */
function pointerTo(param: string): string {
  if (param === "starting_after" || param === "page") return "/cursor";
  const names = param.split(/[[\].]+/).filter((name) => name !== "");
  const isOwn = names[0] === "metadata";
  return names.map((name, index) => `/${escaped(isOwn && index > 0 ? name : fieldName(name))}`).join("");
}

/** RFC 6901 */
const escaped = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
