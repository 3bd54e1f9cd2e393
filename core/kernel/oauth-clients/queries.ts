import { type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import type { OAuthGrant } from "../credentials/index.ts";
import type { PageRequest } from "../paging.ts";

const shown = ["plugin", "token_url", "client_id", "grants", "created_at", "updated_at"] as const;

export async function putClient(
  db: Kysely<CoreDatabase>,
  client: {
    plugin: string;
    token_url: string;
    client_id: string;
    grants: OAuthGrant[];
    wrapped_data_key: string | null;
    sealed_secret: Buffer | null;
  },
) {
  const { plugin: _, ...changed } = client;
  return db
    .insertInto("oauth_clients")
    .values(client)
    .onConflict((conflict) =>
      conflict.column("plugin").doUpdateSet({ ...changed, updated_at: sql<Date>`now()` }),
    )
    .returning([...shown, sql<boolean>`sealed_secret is not null`.as("has_secret")])
    .executeTakeFirstOrThrow();
}

export async function listClients(db: Kysely<CoreDatabase>, page: PageRequest) {
  let query = db
    .selectFrom("oauth_clients")
    .select([...shown, sql<boolean>`sealed_secret is not null`.as("has_secret")])
    .orderBy("plugin")
    .limit(page.limit + 1);
  if (page.after !== undefined) query = query.where("plugin", ">", page.after);
  return query.execute();
}

export async function findClient(db: Kysely<CoreDatabase>, plugin: string) {
  return db.selectFrom("oauth_clients").selectAll().where("plugin", "=", plugin).executeTakeFirst();
}

export async function deleteClient(db: Kysely<CoreDatabase>, plugin: string): Promise<boolean> {
  const deleted = await db
    .deleteFrom("oauth_clients")
    .where("plugin", "=", plugin)
    .returning("plugin")
    .executeTakeFirst();
  return deleted !== undefined;
}
