import { operatorToken, type TestRegistry } from "./registry.ts";

export interface Answer<Body> {
  status: number;
  body: Body;
}

/** Asks as whoever holds the token; without one, as anybody. */
export async function ask<Body>(
  { url }: Pick<TestRegistry, "url">,
  request: string,
  o: { json?: object; token?: string } = {},
): Promise<Answer<Body>> {
  const [method = "GET", path = ""] = request.split(" ");
  const response = await fetch(`${url}/registry/v1${path}`, {
    method,
    headers: {
      ...(o.token !== undefined && { authorization: `Bearer ${o.token}` }),
      ...(o.json && { "content-type": "application/json" }),
    },
    ...(o.json && { body: JSON.stringify(o.json) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as Body };
}

export function asOperator<Body>(registry: Pick<TestRegistry, "url">, request: string, json?: object) {
  return ask<Body>(registry, request, { token: operatorToken, ...(json && { json }) });
}
