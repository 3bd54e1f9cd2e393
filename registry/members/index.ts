export { admit, type Errand } from "./admission.ts";
export { type AdmitSigned, createAdmitSigned } from "./admit-signed.ts";
export { createMembers } from "./members.ts";
export { memberRoutes } from "./routes.ts";
export { transferRoutes } from "./transfer-routes.ts";
export { createTransfers } from "./transfers.ts";
