import { routeFactory } from "@plugboard/service-kit/http";
import type { AccountIdentity } from "./accounts.ts";

/** Declares a route for people with an account, who show one of its tokens. */
export const accountRoute = routeFactory<"account", AccountIdentity>();
