export { createOrders } from "./orders.ts";
export { orderRoutes } from "./routes.ts";
