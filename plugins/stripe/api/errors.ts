import { PluginError } from "@plugboard/plugin-sdk";

/** The `error` member of Stripe's error replies: https://docs.stripe.com/api/errors */
interface StripeError {
  type?: string;
  code?: string;
  message?: string;
  param?: string;
}

/** Turns a reply that is not 2xx into the error class that tells the host what to do. */
export async function errorFrom(response: Response): Promise<PluginError> {
  const error = await readError(response);
  const details = {
    status: response.status,
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(error.param === undefined ? {} : { param: error.param }),
  };
  const message = error.message ?? `Stripe answered ${response.status}`;
  const retryAfterSeconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new PluginError(classOf(response.status, error), message, {
    details,
    ...(Number.isFinite(retryAfterSeconds) ? { retryAfterMs: retryAfterSeconds * 1000 } : {}),
  });
}

function classOf(status: number, error: StripeError): PluginError["code"] {
  if (error.type === "idempotency_error") return "conflict";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404) return "not-found";
  if (status === 409) return "conflict";
  if (status === 429) return "rate-limited";
  if (status >= 500) return "vendor-unavailable";
  if (status === 400) return "invalid-input";
  return "vendor-error";
}

async function readError(response: Response): Promise<StripeError> {
  try {
    const body = (await response.json()) as { error?: StripeError } | null;
    return body?.error ?? {};
  } catch {
    return {}; // Not from Stripe itself (a proxy's page, say): the status has to do.
  }
}
