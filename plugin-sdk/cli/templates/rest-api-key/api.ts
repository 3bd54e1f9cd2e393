import { PluginError, Type } from "@plugboard/plugin-sdk";

const apiUrl = "https://__API_HOST__/v1";

export const Item = Type.Object({ id: Type.String(), name: Type.String() });

/**
 * Calls the API and answers its JSON. There is no key here: the host adds it to the request on its way out, and only
 * to requests that plugin.json asks for.
 */
export async function callApi<T>(fetch: typeof globalThis.fetch, path: string, body?: object): Promise<T> {
  const response = await fetch(apiUrl + path, {
    method: body ? "POST" : "GET",
    headers: { Accept: "application/json", ...(body ? { "Content-Type": "application/json" } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw errorFrom(response);
  return (await response.json()) as T;
}

/** The host decides by the error's code whether to try again and what the caller is told. */
function errorFrom({ status }: Response): PluginError {
  const message = `The API answered ${status}`;
  if (status === 400 || status === 422) return new PluginError("invalid-input", message);
  if (status === 401 || status === 403) return new PluginError("unauthorized", message);
  if (status === 404) return new PluginError("not-found", message);
  if (status === 409) return new PluginError("conflict", message);
  if (status === 429) return new PluginError("rate-limited", message);
  return new PluginError(status >= 500 ? "vendor-unavailable" : "vendor-error", message);
}
