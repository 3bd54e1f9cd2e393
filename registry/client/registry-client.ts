import { packageLimits } from "@plugboard/plugin-sdk/package";
import type { JWK } from "jose";
import type { Static, TObject, TSchema } from "typebox";
import * as catalog from "../catalog/schemas.ts";
import { SignedCheckpoint } from "../checkpoint/schemas.ts";
import * as installs from "../installs/schemas.ts";
import { LogPage } from "../log/schemas.ts";
import * as orders from "../orders/schemas.ts";
import * as publications from "../publications/schemas.ts";
import * as publishers from "../publishers/schemas.ts";
import * as search from "../search/schemas.ts";
import type { LogEntry } from "../transparency/index.ts";
import * as trust from "../trust/schemas.ts";
import { createAsk } from "./ask.ts";
import { createHostAccessClient, type HostAccessClient } from "./host-access.ts";
import { createOnBehalf } from "./on-behalf.ts";
import { pageOf } from "./page.ts";
import { at, pluginPath, toQuery } from "./paths.ts";
import { createPolicyClient, type PolicyClient } from "./policies.ts";
import { createPricingClient, type PricingClient } from "./pricing.ts";
import { createPrivatePluginClient, type PrivatePluginClient } from "./private-plugins.ts";
import { type ClientOptions, createSend } from "./request.ts";
import { createReviewClient, type ReviewClient } from "./reviews.ts";
import { createRevocationClient, type RevocationClient } from "./revocations.ts";
import { untilFinished } from "./until-finished.ts";
import { createUpdateClient, type UpdateClient } from "./updates.ts";

export type Registered = Static<typeof publishers.Registered>;
export type Publisher = Static<typeof publishers.Publisher>;
export type Publication = Static<typeof publications.Publication>;
export type SearchItem = Static<typeof search.SearchItem>;
export type Listing = Static<typeof catalog.Listing>;
export type PublishedVersion = Static<typeof catalog.PublishedVersion>;
export type ReleaseSignatures = Static<typeof catalog.Signatures>;
export type Root = Static<typeof trust.Root>;
export type RegistryInstall = Static<typeof installs.Install>;
export type RegistryInstallWithHistory = Static<typeof installs.InstallWithHistory>;

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export type SearchPage = Static<typeof search.SearchPage>;

/** What the registry's search takes, see docs/registry.md; without `q` all plugins. */
export type SearchRequest = Partial<Static<TObject<typeof search.searchFilters>>> & {
  q?: string;
  limit?: number;
  cursor?: string;
};

/**
 * Every call throws RegistryProblem when the registry refuses and RegistryUnavailable when it does not answer. Reads of the
 * catalog take a tenant's id, for what is private to it besides; without one, and for a client without a host token, they
 * tell of what is public.
 */
export interface RegistryClient
  extends ReviewClient,
    PricingClient,
    PolicyClient,
    RevocationClient,
    PrivatePluginClient,
    UpdateClient,
    HostAccessClient {
  registerPublisher(registration: { publisher: string; key: JWK; claim: string }): Promise<Registered>;
  getPublisher(publisher: string): Promise<Publisher>;
  /** As the operator: lets somebody take a name that is near to a better-known one. */
  admitPublisherName(publisher: string, reason: string): Promise<void>;
  /** @param order a compact JWS of type order, signed with a key of the publisher's. @returns its place in the log */
  carryOutOrder(publisher: string, order: string): Promise<{ seq: number }>;
  /** @param upload.statement the publisher's compact JWS on exactly this tarball */
  publish(upload: { statement: string; tarball: Buffer }): Promise<Publication>;
  getPublication(id: string): Promise<Publication>;
  /**
   * Asks until the publication is published or rejected.
   *
   * @param options.timeoutMs default 60 s; past it, RegistryUnavailable
   */
  waitForPublication(id: string, options?: { timeoutMs?: number }): Promise<Publication>;
  search(query: SearchRequest, tenantId?: string): Promise<SearchPage>;
  /** @param plugin `publisher/name` */
  getPlugin(plugin: string, tenantId?: string): Promise<Listing>;
  getVersion(plugin: string, version: string, tenantId?: string): Promise<PublishedVersion>;
  /** The bytes as they came: nothing is known of them until `verifyRelease`. */
  getTarball(plugin: string, version: string, tenantId?: string): Promise<Buffer>;
  getSignatures(plugin: string, version: string, tenantId?: string): Promise<ReleaseSignatures>;
  /** What a listing shows of a version, as it came. @param name `readme`, `changelog`, `icon`, or `screenshots/` and its number */
  getListingFile(plugin: string, version: string, name: string, tenantId?: string): Promise<Buffer>;
  /** The root in force; whoever asks verifies it. */
  getRoot(): Promise<Root>;
  getRootVersion(version: number): Promise<Root>;
  /** As the operator: the next root, signed with the keys of the one before and its own. */
  publishRoot(root: { signatures: string[] }): Promise<{ version: number }>;
  /** As the operator: makes a key for the next root to name. */
  makeOnlineKey(): Promise<JWK>;
  /** As the operator, where the registry keeps its root keys itself. */
  rotateOnlineKey(o: { stolen?: boolean; until?: number }): Promise<{ version: number }>;
  /** As the operator: has hosts stop a version. */
  blockVersion(plugin: string, version: string, reason: string): Promise<void>;
  /** As the operator. */
  unblockVersion(plugin: string, version: string): Promise<void>;
  /** As the operator: a new key for a publisher that has lost its own. */
  givePublisherKey(publisher: string, o: { key: JWK; claim: string }): Promise<{ kid: string }>;
  /**
   * As the operator: a publisher's key, and the publisher, from another registry.
   *
   * @param o.hasEnded it signs nothing more there: nor here
   * @param o.revives it signs again although it was revoked here
   */
  adoptPublisherKey(
    publisher: string,
    o: { key: JWK; origin: string; hasEnded?: boolean; revives?: boolean },
  ): Promise<void>;
  /** As the operator. @param from the first place in the log that the key does not count for; default: the next */
  revokePublisherKey(publisher: string, kid: string, from?: number): Promise<void>;
  /** A compact JWS. */
  getCheckpoint(): Promise<string>;
  /** What the log has after a place, oldest first; not always all of it. */
  getLog(after: number): Promise<LogEntry[]>;
  createInstall(tenantId: string, wish: InstallWish): Promise<RegistryInstall>;
  /** All of them, however many pages they fill; the active ones unless another status is asked for. */
  listInstalls(tenantId: string, query?: { status?: "active" | "uninstalled" }): Promise<RegistryInstall[]>;
  getInstall(tenantId: string, id: string): Promise<RegistryInstallWithHistory>;
  /** @param change.range or `version`, one of the two */
  updateInstall(tenantId: string, id: string, change: InstallUpdate): Promise<RegistryInstall>;
  removeInstall(tenantId: string, id: string): Promise<void>;
}

export interface InstallWish {
  plugin: string;
  range?: string;
  consent?: string;
}

export interface InstallUpdate {
  range?: string;
  version?: string;
  consent?: string;
  /** Changes nothing, and throws `install-changed`, if the install is at another version. */
  ifVersion?: string;
  /** The change to `ifVersion` was not carried out, and `version` is the one before: nothing is asked of it anew. */
  setsBack?: boolean;
}

/** No file of a listing is larger. */
const listingFileMaxBytes = 1024 * 1024;

/** Speaks to a registry, of this process or of another machine. */
export function createRegistryClient(options: ClientOptions): RegistryClient {
  const send = createSend(options);

  const ask = createAsk({ send, baseUrl: options.baseUrl });

  function get<Schema extends TSchema>(schema: Schema, path: string): Promise<Static<Schema>> {
    return ask(schema, { method: "GET", path });
  }

  const onBehalf = createOnBehalf(options);

  /** A read of the catalog, for everybody or for a tenant. */
  function read<Schema extends TSchema>(
    schema: Schema,
    path: string,
    tenantId: string | undefined,
    filters: object = {},
  ): Promise<Static<Schema>> {
    const { query, asHost } = onBehalf(tenantId);
    return ask(schema, { method: "GET", path: path + toQuery({ ...filters, ...query }), asHost });
  }

  async function getPublication(id: string): Promise<Publication> {
    return get(publications.Publication, at`/publications/${id}`);
  }

  return {
    ...createReviewClient({ ask, send, onBehalf }),
    ...createPricingClient(ask),
    ...createPolicyClient({ ask }),
    ...createRevocationClient(ask),
    ...createPrivatePluginClient({ ask, send }),
    ...createUpdateClient({ ask }),
    ...createHostAccessClient({ ask, send }),

    registerPublisher: (json) => ask(publishers.Registered, { method: "POST", path: "/publishers", json }),
    async admitPublisherName(publisher, reason) {
      await send({
        method: "PUT",
        path: at`/publisher-names/${publisher}`,
        json: { reason },
        asOperator: true,
      });
    },
    getPublisher: async (publisher) => get(publishers.Publisher, at`/publishers/${publisher}`),

    carryOutOrder: async (publisher, order) =>
      ask(orders.CarriedOut, { method: "POST", path: at`/publishers/${publisher}/orders`, json: { order } }),

    publish({ statement, tarball }) {
      const form = new FormData();
      // The statement first: the registry verifies it before it reads on.
      form.append("statement", statement);
      form.append(
        "tarball",
        new Blob([new Uint8Array(tarball)], { type: "application/gzip" }),
        "package.tgz",
      );
      return ask(publications.Publication, { method: "POST", path: "/plugins", form, long: true });
    },
    getPublication,
    waitForPublication: (id, wait) => untilFinished(() => getPublication(id), wait),

    search: (query, tenantId) => read(search.SearchPage, "/-/search", tenantId, query),
    getPlugin: async (plugin, tenantId) => read(catalog.Listing, pluginPath(plugin), tenantId),
    getVersion: async (plugin, version, tenantId) =>
      read(catalog.PublishedVersion, pluginPath(plugin) + at`/${version}`, tenantId),
    async getTarball(plugin, version, tenantId) {
      const path = pluginPath(plugin) + at`/${version}/tarball` + toQuery(onBehalf(tenantId).query);
      // As the host, so that it is counted.
      return send({ method: "GET", path, maxBytes: packageLimits.packedBytes, long: true, asHost: true });
    },
    getSignatures: async (plugin, version, tenantId) =>
      read(catalog.Signatures, pluginPath(plugin) + at`/${version}/signatures`, tenantId),
    async getListingFile(plugin, version, name, tenantId) {
      const { query, asHost } = onBehalf(tenantId);
      const file = name.split("/").map(encodeURIComponent).join("/");
      const path = `${pluginPath(plugin) + at`/${version}`}/${file}${toQuery(query)}`;
      return send({ method: "GET", path, asHost, maxBytes: listingFileMaxBytes });
    },
    getRoot: () => get(trust.Root, "/root"),
    getRootVersion: async (version) => get(trust.Root, at`/root/${String(version)}`),
    publishRoot: (json) => ask(trust.RootVersion, { method: "POST", path: "/root", json, asOperator: true }),
    makeOnlineKey: async () =>
      (await ask(trust.MadeKey, { method: "POST", path: "/online-keys", asOperator: true })).key,
    rotateOnlineKey: (json) =>
      ask(trust.RootVersion, { method: "POST", path: "/online-keys/rotation", json, asOperator: true }),
    async blockVersion(plugin, version, reason) {
      const path = pluginPath(plugin) + at`/${version}/block`;
      await send({ method: "PUT", path, json: { reason }, asOperator: true });
    },
    async unblockVersion(plugin, version) {
      await send({ method: "DELETE", path: pluginPath(plugin) + at`/${version}/block`, asOperator: true });
    },
    givePublisherKey: async (publisher, json) =>
      ask(orders.GivenKey, {
        method: "POST",
        path: at`/publishers/${publisher}/keys`,
        json,
        asOperator: true,
      }),
    async adoptPublisherKey(publisher, json) {
      const path = at`/publishers/${publisher}/adopted-key`;
      await send({ method: "PUT", path, json, asOperator: true });
    },
    async revokePublisherKey(publisher, kid, from) {
      const path = at`/publishers/${publisher}/keys/${kid}/revocation`;
      await send({ method: "POST", path, json: from === undefined ? {} : { from }, asOperator: true });
    },
    getCheckpoint: async () => (await get(SignedCheckpoint, "/checkpoint")).checkpoint,
    getLog: async (after) => (await get(LogPage, `/log${toQuery({ after })}`)).items,

    async createInstall(tenantId, json) {
      return ask(installs.Install, {
        method: "POST",
        path: at`/tenants/${tenantId}/installs`,
        json,
        asHost: true,
      });
    },
    async listInstalls(tenantId, query = {}) {
      const found: RegistryInstall[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const path = at`/tenants/${tenantId}/installs` + toQuery({ ...query, limit: 100, cursor });
        const page = await ask(pageOf(installs.Install), { method: "GET", path, asHost: true });
        found.push(...page.items);
        cursor = page.nextCursor;
      }
      return found;
    },
    async getInstall(tenantId, id) {
      const path = at`/tenants/${tenantId}/installs/${id}`;
      return ask(installs.InstallWithHistory, { method: "GET", path, asHost: true });
    },
    async updateInstall(tenantId, id, json) {
      const path = at`/tenants/${tenantId}/installs/${id}`;
      return ask(installs.Install, { method: "PATCH", path, json, asHost: true });
    },
    async removeInstall(tenantId, id) {
      await send({ method: "DELETE", path: at`/tenants/${tenantId}/installs/${id}`, asHost: true });
    },
  };
}
