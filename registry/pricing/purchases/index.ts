export { createPurchases, type Purchases } from "./purchases.ts";
