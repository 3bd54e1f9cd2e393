import type { RegistryClient } from "@plugboard/registry/client";
import type { Route } from "@plugboard/service-kit/http";
import type { Authors } from "../../access/index.ts";
import { createReviewReadRoutes } from "./read-routes.ts";
import { createReviewWriteRoutes } from "./write-routes.ts";

/** Ratings and reviews of plugins: kept by the registry, written here. */
export function createReviewRoutes(kernel: { registry: RegistryClient; authors: Authors }): Route[] {
  return [...createReviewReadRoutes(kernel), ...createReviewWriteRoutes(kernel)];
}
