import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { places, problemsWith } from "../example-manifest.ts";

function problemsOfAuth(declaration: object): string[] {
  return places(problemsWith({ auth: [declaration] }));
}

describe("auth of type apiKey", () => {
  function apiKey(changes: object) {
    return problemsOfAuth({ type: "apiKey", in: "header", name: "X-Api-Key", ...changes });
  }

  it("names a header or a query parameter", () => {
    assert.deepEqual(apiKey({}), []);
    assert.deepEqual(apiKey({ name: "Authorization", format: "Token token={key}" }), []);
    assert.deepEqual(apiKey({ in: "query", name: "api_key" }), []);
    assert.deepEqual(apiKey({ in: "query", name: "host" }), []);
  });

  it("refuses headers that the HTTP client owns, and what is no header", () => {
    for (const name of [
      "Host",
      "content-length",
      "Transfer-Encoding",
      "Connection",
      "Proxy-Authorization",
      "Sec-Fetch-Site",
      "Expect",
      "X-Forwarded-For",
      "a b",
      "x:y",
      "x\r\ny",
      "ü",
      "{x}",
    ]) {
      assert.deepEqual(apiKey({ name }), ["auth-name-invalid /auth/0/name"], name);
    }
  });

  it("writes the key exactly once, among printable ASCII", () => {
    for (const format of [
      "Bearer",
      "Bearer {key}{key}",
      "{key} {other}",
      "{Key}",
      "{{key}}",
      "Bearer {key}\r\nX: y",
      "Bearer\u00a0{key}",
      "{key",
    ]) {
      assert.deepEqual(apiKey({ format }), ["auth-format-invalid /auth/0/format"], format);
    }
  });
});

describe("auth of type oauth2", () => {
  const code = {
    type: "oauth2",
    grant: "authorization_code",
    authorizationUrl: "https://api.acme.com/authorize",
    tokenUrl: "https://api.acme.com/token",
  };

  it("stays on hosts that the tenant consents to", () => {
    assert.deepEqual(problemsOfAuth(code), []);
    assert.deepEqual(problemsOfAuth({ ...code, tokenUrl: "https://evil.com/token" }), [
      "auth-url-invalid /auth/0/tokenUrl",
    ]);
    assert.deepEqual(problemsOfAuth({ ...code, authorizationUrl: "https://evil.com/" }), [
      "auth-url-invalid /auth/0/authorizationUrl",
    ]);
    for (const tokenUrl of [
      "https://api.acme.com@evil.com/",
      "https://api.acme.com\\@evil.com/",
      "https://api.acme.com:8443/",
      "https://api.acme.com.evil.com/",
      "https://{shop}.evil.com/",
      "https://{shop}/",
      "https://API.acme.com/",
    ]) {
      assert.deepEqual(
        problemsOfAuth({ ...code, tokenUrl }),
        ["auth-url-invalid /auth/0/tokenUrl"],
        tokenUrl,
      );
    }
    assert.deepEqual(problemsOfAuth({ ...code, tokenUrl: "http://api.acme.com/" }), [
      "wrong-format /auth/0/tokenUrl",
    ]);
  });

  it("has an authorization URL with the authorization code grant, and only with it", () => {
    const { authorizationUrl, ...rest } = code;
    assert.deepEqual(problemsOfAuth(rest), ["auth-url-invalid /auth/0/authorizationUrl"]);
    assert.deepEqual(problemsOfAuth({ ...rest, grant: "client_credentials" }), []);
    const assertion = { audience: "https://api.acme.com" };
    assert.deepEqual(problemsOfAuth({ ...code, grant: "jwt_bearer", assertion }), [
      "auth-url-invalid /auth/0/authorizationUrl",
    ]);
  });

  it("needs POST for the token URL", () => {
    const permissions = { network: [{ hosts: ["api.acme.com"], methods: ["GET"], reason: "x" }] };
    assert.deepEqual(places(problemsWith({ auth: [code], permissions, contributes: undefined })), [
      "auth-url-invalid /auth/0/tokenUrl",
    ]);
  });
});

describe("what an OAuth 2 declaration may add", () => {
  const code = {
    type: "oauth2",
    grant: "authorization_code",
    authorizationUrl: "https://{shop}.acme-shops.com/{shop}/authorize",
    tokenUrl: "https://{shop}.acme-shops.com/token",
  };

  it("fills URLs and parameters from settings that are declared", () => {
    const whole = {
      ...code,
      revocationUrl: "https://{shop}.acme-shops.com/revoke",
      authorizationParams: { access_type: "offline" },
      callbackParams: { shop: "{shop}.acme-shops.com" },
      accessToken: { name: "X-Access-Token", format: "{token}" },
      tokenResponse: {
        lifetimeSeconds: 7200,
        config: { shop: { from: "url", match: ["https://{value}.acme-shops.com"] } },
      },
    };
    assert.deepEqual(problemsOfAuth(whole), []);
    assert.deepEqual(problemsOfAuth({ ...whole, callbackParams: { shop: "{other}" } }), [
      "auth-setting-invalid /auth/0",
    ]);
    assert.deepEqual(problemsOfAuth({ ...whole, tokenResponse: { config: { other: { from: "url" } } } }), [
      "auth-setting-invalid /auth/0/tokenResponse/config/other",
    ]);
    assert.deepEqual(problemsOfAuth({ ...code, revocationUrl: "https://evil.com/revoke" }), [
      "auth-url-invalid /auth/0/revocationUrl",
    ]);
  });

  it("leaves to the host what protects the flow", () => {
    for (const name of ["state", "redirect_uri", "code_challenge", "CLIENT_ID", "nonce"]) {
      assert.deepEqual(
        problemsOfAuth({ ...code, authorizationParams: { [name]: "x" } }),
        [`auth-parameter-invalid /auth/0/authorizationParams/${name}`],
        name,
      );
    }
  });

  it("checks an issuer only where it is named, and an ID token only where one is asked for", () => {
    assert.deepEqual(problemsOfAuth({ ...code, requireIss: true }), [
      "auth-issuer-missing /auth/0/requireIss",
    ]);
    const openid = { ...code, issuer: "https://api.acme.com", openid: true };
    assert.deepEqual(problemsOfAuth({ ...openid, scopes: ["openid"] }), []);
    assert.deepEqual(problemsOfAuth(openid), ["auth-issuer-missing /auth/0/openid"]);
  });

  it("sends the token only in a header that can carry it", () => {
    assert.deepEqual(problemsOfAuth({ ...code, accessToken: { name: "Host" } }), [
      "auth-name-invalid /auth/0/accessToken/name",
    ]);
    assert.deepEqual(
      problemsOfAuth({ ...code, accessToken: { name: "X-Token", format: "{token}{token}" } }),
      ["auth-format-invalid /auth/0/accessToken/format"],
    );
  });

  it("signs an assertion with jwt_bearer, and only with it", () => {
    const { authorizationUrl, ...rest } = code;
    assert.deepEqual(problemsOfAuth({ ...rest, grant: "jwt_bearer" }), [
      "auth-assertion-invalid /auth/0/assertion",
    ]);
    assert.deepEqual(problemsOfAuth({ ...code, assertion: { audience: "x" } }), [
      "auth-assertion-invalid /auth/0/assertion",
    ]);
  });

  it("is one of its type and grant", () => {
    const { authorizationUrl, ...rest } = code;
    const other = { ...rest, grant: "client_credentials" };
    assert.deepEqual(places(problemsWith({ auth: [code, other] })), []);
    assert.deepEqual(places(problemsWith({ auth: [code, other, other] })), ["auth-duplicate /auth/2"]);
  });
});

describe("auth in general", () => {
  it("refuses types that do not exist, and lists those that do", () => {
    const [problem] = problemsWith({ auth: [{ type: "magic" }] });
    assert.match(problem?.message ?? "", /one of "apiKey", "bearer", "basic", "oauth2"/);
    assert.deepEqual(problemsOfAuth({}), ["missing /auth/0/type"]);
    assert.deepEqual(problemsOfAuth({ type: "basic", password: "x" }), ["unknown-field /auth/0/password"]);
  });

  it("tests a credential only with a request that is granted", () => {
    for (const request of ["GET https://api.acme.com/v1/me", "GET https://{shop}.acme-shops.com/me?x=1"]) {
      assert.deepEqual(problemsOfAuth({ type: "bearer", test: { request } }), [], request);
    }
    for (const request of [
      "DELETE https://api.acme.com/",
      "GET https://evil.com/",
      "GET https://api.acme.com/ x",
      "GET https://u:p@api.acme.com/",
    ]) {
      assert.deepEqual(
        problemsOfAuth({ type: "bearer", test: { request } }),
        ["auth-test-invalid /auth/0/test/request"],
        request,
      );
    }
  });
});
