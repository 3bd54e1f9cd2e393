import { createPrivateKey, randomUUID } from "node:crypto";
import type { OAuth2Auth } from "@plugboard/plugin-sdk/manifest";
import { SignJWT } from "jose";
import * as oauth from "oauth4webapi";
import { CapabilityError, type HostFetch } from "../../capabilities/index.ts";
import type { OAuthClient, StoredOAuth2, TokenSet } from "../../credentials/index.ts";
import type { Endpoints } from "./endpoints.ts";
import { kindOf, knownCode, TokenFailure } from "./failure.ts";
import { plainAnswer, settingsOf, tokensOf } from "./token-answer.ts";

/** Who asks whom. */
export interface TokenScene {
  auth: OAuth2Auth;
  endpoints: Endpoints;
  client: OAuthClient;
}

export interface TokenGrant {
  tokens: TokenSet;
  /** Settings of the connection that came with it. */
  settings: Record<string, unknown>;
}

/** Asks vendors for tokens, as their plugins declare it. Every method throws TokenFailure. */
export interface TokenEndpoint {
  /** @param code what came back from the vendor's page, checked */
  exchange(
    scene: TokenScene,
    code: {
      parameters: URLSearchParams;
      redirectUri: string;
      codeVerifier: string;
      nonce: string | undefined;
    },
  ): Promise<TokenGrant>;
  /** For grants that need nobody: client credentials, and JWT bearer (RFC 7523). */
  request(scene: TokenScene, credential: StoredOAuth2): Promise<TokenGrant>;
  /** The tokens come without a refresh token if the old one stays good. */
  refresh(scene: TokenScene, refreshToken: string): Promise<TokenGrant>;
  /** Gives a token back (RFC 7009). */
  revoke(scene: TokenScene, token: string, hint: "access_token" | "refresh_token"): Promise<void>;
}

const defaultAssertionSeconds = 180;
const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

export function createTokenEndpoint(options: { fetch: HostFetch; now: () => number }): TokenEndpoint {
  const { now } = options;

  function partsOf({ auth, endpoints, client }: TokenScene) {
    const server: oauth.AuthorizationServer = {
      issuer: auth.issuer ?? endpoints.tokenUrl.origin,
      token_endpoint: endpoints.tokenUrl.href,
      ...(endpoints.revocationUrl && { revocation_endpoint: endpoints.revocationUrl.href }),
    };
    const ask = {
      [oauth.customFetch]: (url: string, init: object) => options.fetch(url, init as RequestInit),
    };
    return { server, client: { client_id: client.clientId }, authenticate: clientAuth(auth, client), ask };
  }

  async function grantOf(
    { auth }: TokenScene,
    asking: Promise<Response>,
    process: (response: Response) => Promise<oauth.TokenEndpointResponse>,
  ): Promise<TokenGrant> {
    const answer = await translated(async () => process(await plainAnswer(await asking, auth)));
    return { tokens: tokensOf(answer, auth, now()), settings: settingsOf(answer, auth) };
  }

  return {
    exchange(scene, { parameters, redirectUri, codeVerifier, nonce }) {
      const { server, client, authenticate, ask } = partsOf(scene);
      const asking = oauth.authorizationCodeGrantRequest(
        server,
        client,
        authenticate,
        parameters,
        redirectUri,
        codeVerifier,
        { ...ask, additionalParameters: scene.endpoints.tokenParams },
      );
      return grantOf(scene, asking, (response) =>
        oauth.processAuthorizationCodeResponse(server, client, response, {
          ...(nonce !== undefined && { expectedNonce: nonce, requireIdToken: true }),
        }),
      );
    },

    async request(scene, credential) {
      const { server, client, authenticate, ask } = partsOf(scene);
      const scope = scopeOf(scene.auth);
      const parameters = { ...(scope !== "" && { scope }), ...scene.endpoints.tokenParams };
      if (credential.grant === "client_credentials") {
        const asking = oauth.clientCredentialsGrantRequest(server, client, authenticate, parameters, ask);
        return grantOf(scene, asking, (response) =>
          oauth.processClientCredentialsResponse(server, client, response),
        );
      }
      const assertion = await translated(() => signAssertion(scene, credential, now()));
      const asking = oauth.genericTokenEndpointRequest(
        server,
        client,
        authenticate,
        jwtBearer,
        { ...parameters, assertion },
        ask,
      );
      return grantOf(scene, asking, (response) =>
        oauth.processGenericTokenEndpointResponse(server, client, response),
      );
    },

    refresh(scene, refreshToken) {
      const { server, client, authenticate, ask } = partsOf(scene);
      const asking = oauth.refreshTokenGrantRequest(server, client, authenticate, refreshToken, ask);
      return grantOf(scene, asking, (response) =>
        oauth.processRefreshTokenResponse(server, client, response),
      );
    },

    async revoke(scene, token, hint) {
      const { server, client, authenticate, ask } = partsOf(scene);
      await translated(async () => {
        const response = await oauth.revocationRequest(server, client, authenticate, token, {
          ...ask,
          additionalParameters: { token_type_hint: hint },
        });
        // Some answer 204.
        if (response.status < 200 || response.status > 299) await oauth.processRevocationResponse(response);
      });
    },
  };
}

/** The scopes as a request has them; empty if the plugin declares none. */
export function scopeOf({ scopes = [], scopeSeparator = " " }: OAuth2Auth): string {
  return scopes.join(scopeSeparator);
}

function clientAuth(
  { clientAuth: how }: OAuth2Auth,
  { clientId, clientSecret }: OAuthClient,
): oauth.ClientAuth {
  if (clientSecret === undefined) return oauth.None();
  if (how === "body") return oauth.ClientSecretPost(clientSecret);
  // Not the library's, which also encodes letters that need none, as many vendors do not expect.
  const pair = [clientId, clientSecret].map((text) => new URLSearchParams({ "": text }).toString().slice(1));
  const basic = Buffer.from(pair.join(":")).toString("base64");
  return (_server, _client, _body, headers) => headers.set("authorization", `Basic ${basic}`);
}

/** RFC 7523, section 3. Some want the scopes in it. */
async function signAssertion(
  { auth, endpoints, client }: TokenScene,
  { privateKey = "", keyId, subject }: StoredOAuth2,
  now: number,
): Promise<string> {
  const { algorithm = "RS256", lifetimeSeconds = defaultAssertionSeconds } = auth.assertion ?? {};
  const issuedAt = Math.floor(now / 1000);
  const scope = scopeOf(auth);
  return new SignJWT(scope === "" ? {} : { scope })
    .setProtectedHeader({ alg: algorithm, typ: "JWT", ...(keyId !== undefined && { kid: keyId }) })
    .setIssuer(client.clientId)
    .setSubject(subject ?? client.clientId)
    .setAudience(endpoints.audience ?? endpoints.tokenUrl.href)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .setJti(randomUUID())
    .sign(createPrivateKey(privateKey));
}

/** Nothing of a library's error goes on: those have what was sent and answered in them. */
async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failureOf(error);
  }
}

function failureOf(error: unknown): TokenFailure {
  if (error instanceof TokenFailure) return error;
  if (error instanceof oauth.ResponseBodyError) return refusal(knownCode(error.error), error.status);
  if (error instanceof CapabilityError) return new TokenFailure("unanswered", error.code, error.message);
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    return new TokenFailure(
      "client-refused",
      "answer_refused",
      `The vendor's answer to a request for tokens is not what it must be (${error.code ?? "no reason given"}).`,
    );
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) return refusal("invalid_client", error.status);
  return new TokenFailure(
    "client-refused",
    "not_possible",
    "No request for a token could be made of what is configured.",
  );
}

/** See `TokenFailureKind`, and docs/connections.md for the rule as users read it. */
function refusal(code: string, status: number): TokenFailure {
  const message = `The vendor refused a request for tokens with ${code} (status ${status}).`;
  return new TokenFailure(kindOf(code), code, message);
}
