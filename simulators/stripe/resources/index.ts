export { accountRoutes } from "./account.ts";
export { authenticateIntent, type Buyer, paySession } from "./checkout/buyer.ts";
export { routesOf } from "./core/routes.ts";
export { expandableOf, resources } from "./table.ts";
