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
    assert.deepEqual(problemsOfAuth({ ...code, grant: "jwt_bearer" }), [
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
