import assert from "node:assert/strict";
import { consentDigest } from "@plugboard/plugin-sdk/manifest";
import type { RegistryClient } from "@plugboard/registry/client";
import { registerPublisher } from "./registry.ts";

export const reads = {
  network: [{ hosts: ["api.example.com"], methods: ["GET"] as "GET"[], reason: "Read customers" }],
};
export const writes = {
  network: [
    { hosts: ["api.example.com"], methods: ["GET", "POST"] as ("GET" | "POST")[], reason: "Write customers" },
  ],
};
export const consentToNothing = consentDigest({ id: "acme/echo", permissions: {} });
export const consentToReads = consentDigest({ id: "acme/echo", permissions: reads });
export const consentToWrites = consentDigest({ id: "acme/echo", permissions: writes });

/** Publishes acme/echo at each version with its permissions. */
export async function publishEcho(client: RegistryClient, versions: Record<string, object>) {
  const acme = await registerPublisher(client, "acme");
  for (const [version, permissions] of Object.entries(versions)) {
    const { status } = await acme.publish({ name: "echo", version, manifest: { permissions } });
    assert.equal(status, "published");
  }
  return acme;
}
