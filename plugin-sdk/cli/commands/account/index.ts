export { addMembersCommand } from "./members.ts";
export { addTokensCommand } from "./tokens.ts";
export { addTransferCommand } from "./transfers.ts";
