import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { places, problemsWith } from "../example-manifest.ts";

const entry = (host: string, credential?: unknown) => ({
  hosts: [host],
  methods: ["GET"],
  reason: "x",
  ...(credential !== undefined && { credential }),
});

function problemsOf(network: object[], auth?: object[]): string[] {
  return places(problemsWith({ permissions: { network }, auth, contributes: undefined }));
}

describe("permissions.network credential", () => {
  it("may be false for a host, in all of its entries", () => {
    const files = entry("files.acme.com", false);
    assert.deepEqual(problemsOf([entry("api.acme.com"), files, { ...files, methods: ["POST"] }]), []);
    assert.deepEqual(problemsOf([entry("api.acme.com", true), files]), []);
  });

  it("is not both for one host", () => {
    assert.deepEqual(problemsOf([entry("api.acme.com"), entry("api.acme.com", false)]), [
      "credential-ambiguous /permissions/network/1/hosts/0",
    ]);
  });

  it("is true or false", () => {
    for (const credential of ["false", 0, null])
      assert.deepEqual(problemsOf([entry("api.acme.com", credential)]).length, 1, String(credential));
  });

  it("is not false where the credential itself is tried or obtained", () => {
    const network = [{ ...entry("api.acme.com", false), methods: ["GET", "POST"] }];
    const request = "GET https://api.acme.com/me";
    assert.deepEqual(problemsOf(network, [{ type: "bearer", test: { request } }]), [
      "auth-test-invalid /auth/0/test/request",
    ]);
    const oauth2 = { type: "oauth2", grant: "client_credentials", tokenUrl: "https://api.acme.com/token" };
    assert.deepEqual(problemsOf(network, [oauth2]), ["auth-url-invalid /auth/0/tokenUrl"]);
  });
});
