import { type Api, expectSame, expectStatus } from "./api.ts";
import type { Narrator } from "./narrator.ts";

type Record = { [field: string]: unknown };
type Change = { op: string; key: string };

/** A vendor's kind of record: what one is made of, and what is changed of it later. */
interface Kind {
  vendor: string;
  connection: string;
  entity: string;
  make(index: number): Record;
  change: Record;
  pageSize: number;
  knowsUpdates: boolean;
}

/** The same calls over all vendors: made, paged through, asked for by time, and followed. */
export async function records(
  api: Api,
  narrator: Narrator,
  at: { stripe: string; shopify: string; salesforce: string },
): Promise<void> {
  narrator.chapter("Records are the same over all vendors");
  const kinds: Kind[] = [
    {
      vendor: "Stripe",
      connection: at.stripe,
      entity: "customer",
      make: (index) => ({ email: `buyer.${index}@example.com` }),
      change: { name: "Ann" },
      pageSize: 2,
      knowsUpdates: false,
    },
    {
      vendor: "Shopify",
      connection: at.shopify,
      entity: "product",
      make: (index) => ({ title: `Bulb ${index}` }),
      change: { status: "DRAFT" },
      pageSize: 20,
      knowsUpdates: true,
    },
    {
      vendor: "Salesforce",
      connection: at.salesforce,
      entity: "account",
      make: (index) => ({ name: `Company ${index}` }),
      change: { name: "Company renamed" },
      pageSize: 2,
      knowsUpdates: true,
    },
  ];
  for (const kind of kinds) await play(api, narrator, kind);
}

async function play(api: Api, narrator: Narrator, kind: Kind): Promise<void> {
  const { vendor, connection, entity, make, change, pageSize, knowsUpdates } = kind;
  const path = `/api/v1/connections/${connection}/entities/${entity}`;
  const follow = async (cursor?: string) => {
    const changes: Change[] = [];
    let next = cursor;
    for (;;) {
      const query = next === undefined ? "" : `&cursor=${encodeURIComponent(next)}`;
      const page = expectStatus(await api.get(`${path}/changes?limit=25${query}`), 200);
      changes.push(...(page.changes as Change[]));
      next = String(page.cursor);
      if (page.hasMore !== true) return { changes, cursor: next };
    }
  };

  await narrator.step(
    `${vendor}: three of ${entity} are made, listed page by page, and one is followed as it changes`,
    async () => {
      const made = [];
      for (const index of [1, 2, 3]) made.push(expectStatus(await api.post(path, make(index)), 201));
      const ids = made.map(({ id }) => String(id));

      const listed: string[] = [];
      let pages = 0;
      for (let cursor: unknown = ""; typeof cursor === "string"; pages++) {
        const query: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const page = expectStatus(await api.get(`${path}?limit=${pageSize}${query}`), 200);
        listed.push(...(page.items as Record[]).map(({ id }) => String(id)));
        cursor = page.nextCursor;
      }
      expectSame("records twice in the list", listed.length - new Set(listed).size, 0);
      expectSame(
        "those that were made and not listed",
        ids.filter((id) => !listed.includes(id)),
        [],
      );

      const { changes, cursor } = await follow();
      expectSame(
        "those that the feed left out",
        ids.filter((id) => !changes.some(({ key }) => key === id)),
        [],
      );
      const [first = ""] = ids;
      expectStatus(await api.patch(`${path}/${encodeURIComponent(first)}`, change), 200);
      const told = await heardOf(first, () => follow(cursor));
      const lines = [`${listed.length} in ${pages} pages, none twice; the feed went on with ${told}`];

      if (knowsUpdates) {
        const since = async (time: Date) =>
          (expectStatus(await api.get(`${path}?updatedSince=${time.toISOString()}`), 200).items as Record[])
            .length;
        expectSame("records that change tomorrow", await since(new Date(Date.now() + 86_400_000)), 0);
        lines.push(`${await since(new Date(Date.now() - 3_600_000))} were changed within the hour`);
      }
      return { value: undefined, lines };
    },
  );
}

/** Feeds end where a vendor's clock may still add something: what happens in that moment comes with the next look. */
async function heardOf(key: string, follow: () => Promise<{ changes: Change[] }>): Promise<number> {
  for (let looks = 0; looks < 40; looks++) {
    const { changes } = await follow();
    if (changes.some((change) => change.op === "upsert" && change.key === key)) return changes.length;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`the feed did not tell of the change of ${key}`);
}
