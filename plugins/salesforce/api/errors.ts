import { PluginError } from "@plugboard/plugin-sdk";

/** Error replies are a list: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm */
interface SalesforceError {
  errorCode?: string;
  message?: string;
}

/** Turns a reply that is not 2xx into the error class that tells the host what to do. */
export async function errorFrom(response: Response): Promise<PluginError> {
  const error = await readError(response);
  return new PluginError(
    classOf(response.status, error.errorCode),
    error.message ?? `Salesforce answered ${response.status}`,
    {
      details: {
        status: response.status,
        ...(error.errorCode === undefined ? {} : { code: error.errorCode }),
      },
    },
  );
}

function classOf(status: number, code: string | undefined): PluginError["code"] {
  if (code === "REQUEST_LIMIT_EXCEEDED") return "rate-limited"; // Comes with status 403.
  if (code === "QUERY_TIMEOUT" || code === "SERVER_UNAVAILABLE") return "vendor-unavailable";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404) return "not-found";
  if (status === 400) return "invalid-input";
  if (status === 429) return "rate-limited";
  return status >= 500 ? "vendor-unavailable" : "vendor-error";
}

async function readError(response: Response): Promise<SalesforceError> {
  try {
    const body = (await response.json()) as SalesforceError[];
    return (Array.isArray(body) ? body[0] : undefined) ?? {};
  } catch {
    return {}; // A maintenance page, say: the status has to do.
  }
}
