import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { exportPKCS8, generateKeyPair } from "jose";
import { startTestHost, type TestHost, type TestHostOptions, type TestTenant } from "./host.ts";
import { issuer, startOAuthVendor, vendorAuth, vendorClient, vendorPermissions } from "./oauth-vendor.ts";
import { publishTestPlugin, registerPublisher } from "./plugin.ts";

export const publicUrl = "https://plugboard.example";
const redirectUri = `${publicUrl}/oauth/callback/acme/crm`;
export const appUrl = "https://app.example/settings";

const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
/** Of the robot that the vendor lets in. */
export const robotKey = await exportPKCS8(privateKey);

/** A host, a vendor, and a tenant that has installed the vendor's plugin. */
export async function startOAuthScene(
  t: Pick<TestContext, "after">,
  { isolation, limits }: { isolation?: "thread"; limits?: TestHostOptions["sandboxLimits"] } = {},
) {
  const clock = { ms: Date.now() };
  const now = () => clock.ms;
  const vendor = await startOAuthVendor(t, { redirectUris: [redirectUri], assertionKey: publicKey, now });
  const options = {
    egressRewrite: vendor.rewrite,
    publicUrl,
    ...(isolation && { isolation }),
    ...(limits && { sandboxLimits: limits }),
    oauthReturnOrigins: ["https://app.example"],
    now,
  };
  const host = await startTestHost(t, options);
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, {
    id: "acme/crm",
    actions: {
      me: {
        run: `const r = await fetch("https://api.vendor.example/me"); return { status: r.status, ...(await r.json()) };`,
      },
      stay: {
        run: `const r = await fetch("https://api.vendor.example/me"); const told = { headers: [...r.headers], body: await r.text() };
          const { status } = await fetch("https://api.vendor.example/held"); return { told, status, known: input.known };`,
      },
    },
    permissions: vendorPermissions,
    manifest: { auth: vendorAuth },
  });
  const registered = await putClient(host, registeredClient);
  assert.equal(registered.status, 200, JSON.stringify(registered.body));
  const tenant = await host.tenant();
  return { vendor, clock, options, host, tenant, publisher, installId: await installCrm(tenant) };
}

/** @returns the install's id */
export async function installCrm({ api }: TestTenant): Promise<string> {
  const asked = await api.post("/api/v1/installs", { plugin: "acme/crm" });
  const install = await api.post("/api/v1/installs", { plugin: "acme/crm", consent: asked.body.consent });
  return install.body.id;
}

export type OAuthScene = Awaited<ReturnType<typeof startOAuthScene>>;

export async function create({ tenant, installId }: OAuthScene, auth: object): Promise<string> {
  const made = await tenant.api.post("/api/v1/connections", { installId, name: "An account", auth });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body.id;
}

/** What a person's browser does: to the vendor, and back. */
export async function authorize(
  { vendor, tenant, host }: Pick<OAuthScene, "vendor" | "tenant" | "host">,
  id: string,
  body: object = {},
) {
  const begun = await tenant.api.post(`/api/v1/connections/${id}/authorize`, body);
  assert.equal(begun.status, 200, JSON.stringify(begun.body));
  const back = new URL(await vendor.browse(begun.body.url));
  return fetch(`${host.address}${back.pathname}${back.search}`, { redirect: "manual" });
}

/** What a connection is made with that a person has to agree to. */
export const code = { type: "oauth2", grant: "authorization_code" };

export async function connected(scene: OAuthScene): Promise<string> {
  const id = await create(scene, code);
  const page = await authorize(scene, id);
  assert.equal(page.status, 200, await page.text());
  return id;
}

export const me = (tenant: TestTenant, id: string, api = tenant.api) =>
  api.post(`/api/v1/connections/${id}/actions/me`, { input: {} });

export const statusOf = async ({ tenant }: OAuthScene, id: string) => {
  const { body } = await tenant.api.get(`/api/v1/connections/${id}`);
  return [body.status, body.statusReason];
};

/** The operator's, as the host keeps it. */
export const registeredClient = {
  ...vendorClient,
  tokenUrl: `${issuer}/token`,
  grants: ["authorization_code", "client_credentials", "jwt_bearer"],
};

/** Registers the operator's client. */
export function putClient(host: TestHost, client: object, plugin = "acme/crm") {
  return host.admin.send("PUT", `/api/v1/oauth-clients/${plugin}`, {
    headers: { "content-type": "application/json" },
    body: JSON.stringify(client),
  });
}
