import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { type CryptoKey, jwtVerify } from "jose";
import Provider from "oidc-provider";

export const issuer = "https://auth.vendor.example";
const apiHost = "api.vendor.example";
/** Where one account's part of the API is, as vendors have it that tell it with the token. */
const instanceHost = "na1.my.vendor.example";
export const vendorClient = { clientId: "plugboard-app", clientSecret: "secret/of+the app=0123456789" };

/** What the manifest of a plugin for this vendor has to say. */
export const vendorPermissions = {
  network: [
    {
      hosts: ["auth.vendor.example", apiHost],
      methods: ["GET", "POST"] as ("GET" | "POST")[],
      reason: "Call it",
    },
  ],
};
const shared = {
  type: "oauth2",
  tokenUrl: `${issuer}/token`,
  revocationUrl: `${issuer}/token/revocation`,
  scopes: ["openid", "records"],
  test: { request: `GET https://${apiHost}/me` },
};
export const vendorAuth = [
  {
    ...shared,
    grant: "authorization_code",
    authorizationUrl: `${issuer}/auth`,
    issuer,
    requireIss: true,
    openid: true,
  },
  { ...shared, grant: "client_credentials", scopes: ["records"] },
  { ...shared, grant: "jwt_bearer", scopes: ["records"], assertion: { audience: issuer } },
];

/** A vendor with an API and an authorization server that rotates refresh tokens, on this machine. */
export interface OAuthVendor {
  /** For the host's `egressRewrite`. */
  rewrite: Record<string, string>;
  /** The grant of every request for a token, in the order in which they came. */
  asked: string[];
  /** What the API was called with. */
  called: string[];
  revoked: string[];
  /** Answers of the token endpoint are lost on their way, so many. */
  loseReplies: number;
  /** The token endpoint answers so, so often. */
  failing: { status: number; body: string; times: number };
  /** Those answers go out when this is done. */
  held: Promise<void> | undefined;
  /** Tokens that were made go out when this is done. */
  heldReplies: Promise<void> | undefined;
  /** The API answers what is asked for at `/held` when this is done. */
  heldCalls: Promise<void> | undefined;
  /** Answers a refresh token that was used up once more as it did before, as many vendors do for a while. */
  isForgiving: boolean;
  /** Everything that the vendor gave out and that nobody else may have. */
  secrets: Set<string>;
  /** Ends the tokens that it gave out. */
  endAccessTokens(): void;
  /** Ends all that a person has agreed to. */
  endGrants(): void;
  /** Whether it has given out this access token, and not taken it back since. */
  knows(token: string): Promise<boolean>;
  /** Goes where the browser of a person goes who logs in and agrees. @returns the URL that it is sent back to */
  browse(url: string): Promise<string>;
}

export async function startOAuthVendor(
  t: Pick<TestContext, "after">,
  options: {
    redirectUris: string[];
    accessTokenSeconds?: number;
    assertionKey?: CryptoKey;
    now?: () => number;
    /** What the API answers to whoever has a good token; else who that is. */
    answer?: (request: IncomingMessage) => object;
  },
): Promise<OAuthVendor> {
  const { accessTokenSeconds = 3600 } = options;
  const ended = { before: 0 };
  const bornAt = new Map<string, number>();
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: vendorClient.clientId,
        client_secret: vendorClient.clientSecret,
        redirect_uris: options.redirectUris,
        grant_types: [
          "authorization_code",
          "refresh_token",
          "client_credentials",
          ...(options.assertionKey ? ["urn:ietf:params:oauth:grant-type:jwt-bearer"] : []),
        ],
      },
    ],
    scopes: ["openid", "records"],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    ttl: { AccessToken: accessTokenSeconds, ClientCredentials: accessTokenSeconds, RefreshToken: 86_400 },
    findAccount: async (_ctx: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    async loadExistingGrant(ctx: { oidc: { client: { clientId: string }; session: { accountId: string } } }) {
      const { client, session } = ctx.oidc;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid records");
      await grant.save();
      return grant;
    },
    cookies: { keys: ["a key for the tests"] },
    jwks: undefined,
  });
  provider.proxy = true;
  const { assertionKey } = options;
  if (assertionKey) registerJwtBearer(provider, assertionKey, accessTokenSeconds, options.now ?? Date.now);
  const handle = provider.callback();

  const vendor: Omit<OAuthVendor, "rewrite" | "browse" | "knows" | "endAccessTokens" | "endGrants"> = {
    asked: [],
    called: [],
    revoked: [],
    loseReplies: 0,
    failing: { status: 500, body: "", times: 0 },
    held: undefined,
    heldReplies: undefined,
    heldCalls: undefined,
    isForgiving: false,
    secrets: new Set(),
  };
  const replies = new Map<string, { status: number; body: string }>();

  const knows = async (token: string) =>
    ((await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token))) !==
    undefined;

  async function answerApi(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    vendor.called.push(token);
    if (request.url === "/held") await vendor.heldCalls;
    const isGood = (await knows(token)) && (bornAt.get(token) ?? 0) > ended.before;
    response.writeHead(isGood ? 200 : 401, { "content-type": "application/json", "x-token": token });
    const answer = options.answer?.(request) ?? { account: "person", token };
    response.end(JSON.stringify(isGood ? answer : { error: "no", token }));
  }

  async function answerToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const form = new URLSearchParams(body);
    vendor.asked.push((form.get("grant_type") ?? "").replace("urn:ietf:params:oauth:grant-type:", ""));
    for (const name of ["refresh_token", "code", "code_verifier", "assertion"])
      if (form.has(name)) vendor.secrets.add(form.get(name) ?? "");
    if (vendor.failing.times > 0) {
      vendor.failing.times--;
      const { status, body } = vendor.failing;
      await vendor.held;
      response.writeHead(status, { "content-type": "application/json" }).end(body);
      return;
    }
    const before = replies.get(form.get("refresh_token") ?? "");
    if (before && vendor.isForgiving) {
      response.writeHead(before.status, { "content-type": "application/json" }).end(before.body);
      return;
    }
    // What has read the body hands it on, as oidc-provider asks for it.
    (request as { body?: unknown }).body = Object.fromEntries(form);
    const end = response.end.bind(response);
    response.end = ((data?: unknown, ...rest: never[]) => {
      const answer = String(data ?? "");
      const parsed = answer.startsWith("{") ? JSON.parse(answer) : {};
      for (const name of ["access_token", "refresh_token", "id_token"])
        if (parsed[name]) vendor.secrets.add(parsed[name]);
      if (parsed.access_token) bornAt.set(parsed.access_token, performance.now());
      if (form.has("refresh_token"))
        replies.set(form.get("refresh_token") ?? "", { status: response.statusCode, body: answer });
      if (vendor.loseReplies > 0) {
        vendor.loseReplies--;
        request.socket.destroy();
        return response;
      }
      if (vendor.heldReplies) void vendor.heldReplies.then(() => end(data as string, ...rest));
      else end(data as string, ...rest);
      return response;
    }) as typeof response.end;
    await handle(request, response);
  }

  const server = createServer(async (request, response) => {
    request.headers["x-forwarded-proto"] = "https";
    const { pathname } = new URL(request.url ?? "/", issuer);
    if (request.headers.host === apiHost) return answerApi(request, response);
    if (request.headers.host === instanceHost) {
      vendor.called.push(String(request.headers["x-access-token"]));
      response.end("{}");
      return;
    }
    if (pathname === "/token") return answerToken(request, response);
    if (pathname === "/token/revocation") {
      const form = Object.fromEntries(new URLSearchParams(await text(request)));
      vendor.revoked.push(String(form.token));
      (request as { body?: unknown }).body = form;
    }
    if (pathname.startsWith("/interaction/"))
      return provider.interactionFinished(request, response, { login: { accountId: "person" } });
    await handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return Object.assign(vendor, {
    knows,
    rewrite: { "auth.vendor.example": origin, [apiHost]: origin, [instanceHost]: origin },
    endAccessTokens: () => {
      ended.before = performance.now();
    },
    endGrants: () => {
      vendor.failing = { status: 400, body: JSON.stringify({ error: "invalid_grant" }), times: 1_000 };
    },
    async browse(url: string) {
      const cookies = new Map<string, string>();
      for (let next = new URL(url); ; ) {
        const { status, location, setCookies, body } = await get(port, next, cookies);
        for (const cookie of setCookies) {
          const [name = "", value = ""] = (cookie.split(";")[0] ?? "").split(/=(.*)/);
          cookies.set(name, value);
        }
        if (location === undefined) throw new Error(`no way on from ${next.href}: ${status} ${body}`);
        next = new URL(location, next);
        if (next.origin !== issuer) return next.href;
      }
    },
  });
}

interface Page {
  status: number | undefined;
  location: string | undefined;
  setCookies: string[];
  body: string;
}

/** With the vendor's name in `Host`, which `fetch` does not let one say. */
function get(port: number, url: URL, cookies: Map<string, string>): Promise<Page> {
  return new Promise((resolve, reject) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const sent = httpRequest(
      { port, host: "127.0.0.1", path: url.pathname + url.search, headers: { host: url.host, cookie } },
      (response) => {
        const { statusCode: status, headers } = response;
        text(response).then(
          (body) =>
            resolve({ status, location: headers.location, setCookies: headers["set-cookie"] ?? [], body }),
          reject,
        );
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}

/** RFC 7523: whoever signs with the key gets a token. */
function registerJwtBearer(provider: Provider, key: CryptoKey, seconds: number, now: () => number): void {
  provider.registerGrantType(
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    async (ctx) => {
      const { assertion = "" } = ctx.oidc.params;
      try {
        await jwtVerify(assertion, key, {
          audience: issuer,
          subject: "robot@vendor.example",
          maxTokenAge: 300,
          currentDate: new Date(now()),
        });
      } catch {
        throw Object.assign(new Error("invalid_grant"), {
          expose: true,
          statusCode: 400,
          status: 400,
          error: "invalid_grant",
        });
      }
      const token = new provider.ClientCredentials({ client: ctx.oidc.client, scope: "records" });
      ctx.body = { access_token: await token.save(), token_type: "Bearer", expires_in: String(seconds) };
    },
    ["assertion", "scope"],
  );
}
