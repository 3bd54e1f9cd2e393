import pg from "pg";

/** Does what has to be done to a server from a database that is not meant. */
export async function administer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: "plugboard-test" });
  client.on("error", () => {}); // the statement under way fails with it
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
