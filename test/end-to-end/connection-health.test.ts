/** How connections are looked after: tried, told of, carried elsewhere, and given up with their tenant. */
import test from "node:test";
import { carrying } from "./connection-health/carrying.ts";
import { crowding } from "./connection-health/crowding.ts";
import { erasing } from "./connection-health/erasing.ts";
import { rotating } from "./connection-health/rotating.ts";
import { openShop } from "./connection-health/shop.ts";
import { standing } from "./connection-health/standing.ts";
import { trying } from "./connection-health/trying.ts";

test("connections are looked after", async (t) => {
  const shop = await openShop(t);
  for (const part of [trying, standing, carrying, crowding, erasing, rotating])
    await t.test(part.name, (t) => part(t, shop));
  await shop.db.end();
});
