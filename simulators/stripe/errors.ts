/** The `error` member of a Stripe error reply (https://docs.stripe.com/api/errors). */
export interface StripeErrorBody {
  type: "invalid_request_error" | "idempotency_error" | "api_error" | "card_error";
  code?: string;
  decline_code?: string;
  message: string;
  param?: string;
  doc_url?: string;
  request_log_url?: string;
  charge?: string;
  payment_intent?: object;
  payment_method?: object;
}

/** Ends a request with Stripe's error reply. */
export class StripeApiError extends Error {
  readonly status: number;
  readonly body: StripeErrorBody;
  readonly headers: Record<string, string>;

  constructor(status: number, body: StripeErrorBody, headers: Record<string, string> = {}) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

const docUrlOf = (code: string) => `https://stripe.com/docs/error-codes/${code.replaceAll("_", "-")}`;

/** A refusal of the request's parameters or of what they point to. `param` is written `shipping[name]`. */
export function invalidRequest(
  status: number,
  code: string | undefined,
  message: string,
  param?: string,
): StripeApiError {
  return new StripeApiError(status, {
    type: "invalid_request_error",
    ...(code === undefined ? {} : { code, doc_url: docUrlOf(code) }),
    message,
    ...(param === undefined ? {} : { param }),
  });
}

/** 404 for an id in the path; 400 where a parameter names something that is not there. */
export function noSuchResource(resource: string, id: string, param = "id"): StripeApiError {
  return invalidRequest(
    param === "id" ? 404 : 400,
    "resource_missing",
    `No such ${resource}: '${id}'`,
    param,
  );
}

/** A card was refused: 402, with what became of the payment (https://docs.stripe.com/declines/codes). */
export function cardError(
  refusal: { code: string; decline_code?: string; message: string },
  about: { charge?: string; payment_intent?: object },
): StripeApiError {
  return new StripeApiError(402, {
    type: "card_error",
    ...refusal,
    doc_url: docUrlOf(refusal.code),
    ...about,
  });
}
