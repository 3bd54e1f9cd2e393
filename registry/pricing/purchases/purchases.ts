import type { Pricing } from "@plugboard/plugin-sdk/manifest";
import { newId } from "@plugboard/service-kit/crypto";
import { PlugboardError } from "@plugboard/service-kit/http";
import { registryError } from "../../errors.ts";
import type { PurchaseStatus } from "../../pricing-tables.ts";
import type { RegistryDatabase } from "../../tables.ts";
import type { BillingEvent, BillingOrder, BillingProvider } from "../billing/index.ts";
import type { Entitlements } from "../entitlements/index.ts";
import { paidUntil } from "../paid-until.ts";
import { requireTerms, type Terms } from "../terms.ts";
import * as queries from "./queries.ts";

export interface Purchase {
  id: string;
  tenantId: string;
  plugin: string;
  terms: string;
  pricing: Pricing;
  /** Minor units; null where the operator agrees on a price with the tenant. */
  amount: number | null;
  currency: string | null;
  status: PurchaseStatus;
  url: string | null;
  instructions: string | null;
  createdAt: string;
  settledAt: string | null;
  note: string | null;
}

export interface Purchases {
  /** @throws `terms-required`, `nothing-to-buy`, `purchase-open` */
  begin(tenantId: string, offer: Terms, terms: string | undefined): Promise<Purchase>;
  /** Asks the provider whether it was paid by now. @throws `purchase-not-found` */
  check(tenantId: string, id: string): Promise<Purchase>;
  /** What was agreed to is paid: the tenant may run it. @throws `purchase-not-found`, `purchase-settled` */
  confirm(id: string, note: string): Promise<Purchase>;
  /** @param tenantId whose it has to be; undefined: the operator asks. @throws `purchase-not-found`, `purchase-settled` */
  cancel(id: string, note: string, tenantId?: string): Promise<Purchase>;
  /** The money goes back, and with it the time that it paid for. @throws `purchase-not-found`, `purchase-settled` */
  refund(id: string, note: string): Promise<Purchase>;
  /** Carries out what the provider says; what it says again changes nothing. @throws `purchase-not-found`, `purchase-settled` */
  apply(event: BillingEvent): Promise<void>;
  /** One more than `limit` tells that there is a next page. */
  list(query: Parameters<typeof queries.listPurchases>[1]): Promise<Purchase[]>;
}

export function createPurchases(options: {
  db: RegistryDatabase;
  provider: BillingProvider;
  entitlements: Pick<Entitlements, "grant" | "takeBack" | "isForGood">;
  now: () => Date;
}): Purchases {
  const { db, provider, entitlements, now } = options;

  async function find(id: string, tenantId?: string): Promise<queries.PurchaseRow> {
    const row = await queries.findPurchase(db, id);
    if (!row || (tenantId !== undefined && row.tenant_id !== tenantId)) throw notFound(id);
    return row;
  }

  /** Settles it once, however many say so at the same time. */
  async function settle(
    id: string,
    change: { from: PurchaseStatus; to: PurchaseStatus; note: string },
    also: (
      transaction: RegistryDatabase,
      row: queries.PurchaseRow,
    ) => Promise<Pick<queries.PurchaseRow, "paid_from" | "paid_until"> | undefined>,
  ): Promise<Purchase> {
    return db.transaction().execute(async (transaction) => {
      const row = await queries.lockPurchase(transaction, id);
      if (!row) throw notFound(id);
      if (row.status !== change.from) {
        const detail = `The purchase ${id} is ${row.status}; expected one that is ${change.from}.`;
        throw registryError("purchase-settled", detail, { status: row.status });
      }
      const paid = await also(transaction, row);
      const settled = { status: change.to, note: change.note, settled_at: now(), ...paid };
      return toPurchase(await queries.changePurchase(transaction, id, settled));
    });
  }

  const confirm: Purchases["confirm"] = (id, note) =>
    settle(id, { from: "open", to: "paid", note }, async (transaction, row) => {
      const on = { tenantId: row.tenant_id, plugin: row.plugin };
      const { from, until } = await entitlements.grant(transaction, on, {
        source: "purchase",
        terms: { terms: row.terms, pricing: row.pricing },
        until: (standing) => paidUntil(row.pricing, standing, now()),
        reason: `The purchase ${id} was paid.`,
      });
      return { paid_from: from, paid_until: until };
    });

  const cancel: Purchases["cancel"] = async (id, note, tenantId) => {
    const row = await find(id, tenantId);
    if (row.status === "open") await provider.cancel(toOrder(row));
    return settle(id, { from: "open", to: "canceled", note }, async () => undefined);
  };

  const refund: Purchases["refund"] = async (id, note) => {
    const row = await find(id);
    if (row.status === "paid") await provider.refund(toOrder(row));
    return settle(
      id,
      { from: "paid", to: "refunded", note },
      async (transaction, { tenant_id, plugin, paid_from, paid_until }) => {
        const on = { tenantId: tenant_id, plugin };
        const paid = paid_from && { from: paid_from, until: paid_until };
        await entitlements.takeBack(transaction, on, paid, `The purchase ${id} was refunded.`);
        return undefined;
      },
    );
  };

  return {
    confirm,
    cancel,
    refund,

    async apply({ type, purchaseId, note }) {
      const rule = { paid: confirm, canceled: cancel, refunded: refund }[type];
      await rule(purchaseId, note).catch((error) => {
        const isDone = error instanceof PlugboardError && error.members.status === type;
        if (!isDone) throw error;
      });
    },

    async begin(tenantId, offer, terms) {
      const { plugin, pricing } = offer;
      if (pricing.model === "free") {
        throw registryError("nothing-to-buy", `${plugin} is free. Install it.`);
      }
      if (await entitlements.isForGood({ tenantId, plugin })) {
        throw registryError("nothing-to-buy", `This tenant may run ${plugin} without an end.`);
      }
      requireTerms(offer, terms);
      const row = await queries.insertPurchase(db, {
        id: newId("pur"),
        tenant_id: tenantId,
        plugin,
        terms: offer.terms,
        pricing: JSON.stringify(pricing),
        amount: pricing.price?.amount ?? null,
        currency: pricing.price?.currency ?? pricing.currency ?? null,
        provider: provider.name,
        created_at: now(),
      });
      if (!row) {
        const open = await queries.findOpenPurchase(db, tenantId, plugin);
        const detail = `The tenant is buying ${plugin} already. Pay or cancel that purchase first.`;
        throw registryError("purchase-open", detail, { purchaseId: open?.id ?? null });
      }
      try {
        const { reference, url, instructions } = await provider.createCheckout(toOrder(row));
        const change = { provider_reference: reference, url, instructions };
        return toPurchase(await queries.changePurchase(db, row.id, change));
      } catch (error) {
        const note = "It could not be begun with whoever takes the money.";
        await queries.cancelOpen(db, row.id, { note, at: now() });
        throw error;
      }
    },

    async check(tenantId, id) {
      const row = await find(id, tenantId);
      if (row.status !== "open" || !(await provider.confirm(toOrder(row)))) return toPurchase(row);
      return confirm(id, `Confirmed by ${provider.name}.`);
    },

    async list(query) {
      return (await queries.listPurchases(db, query)).map(toPurchase);
    },
  };
}

function notFound(id: string) {
  return registryError("purchase-not-found", `There is no purchase "${id}".`);
}

function toOrder(row: queries.PurchaseRow): BillingOrder {
  return {
    purchaseId: row.id,
    tenantId: row.tenant_id,
    plugin: row.plugin,
    pricing: row.pricing,
    amount: row.amount,
    currency: row.currency,
    reference: row.provider_reference,
  };
}

function toPurchase(row: queries.PurchaseRow): Purchase {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    plugin: row.plugin,
    terms: row.terms,
    pricing: row.pricing,
    amount: row.amount,
    currency: row.currency,
    status: row.status,
    url: row.url,
    instructions: row.instructions,
    createdAt: row.created_at.toISOString(),
    settledAt: row.settled_at?.toISOString() ?? null,
    note: row.note,
  };
}
