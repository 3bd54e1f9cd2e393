import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { exactVersion, pluginName, publisherName } from "../names.ts";
import type { RegistryDatabase } from "../tables.ts";
import { onBehalf, type ViewerOf, viewingErrors } from "../viewing.ts";
import { publicScan } from "./scans.ts";
import { PublicScan } from "./schemas.ts";

export function scanRoutes({ db, viewerOf }: { db: RegistryDatabase; viewerOf: ViewerOf }): Route[] {
  return [
    route({
      method: "GET",
      path: "/registry/v1/plugins/:publisher/:name/:version/scan",
      operationId: "getScan",
      summary: "Who looked at a version before it was published, and since",
      description:
        "`published` is the scan that the registry's statement names by its digest; `latest` may be a later one, with newer scanners. Details are for the publisher and the operator.",
      tags: ["catalog"],
      access: "public",
      params: Type.Object({ publisher: publisherName, name: pluginName, version: exactVersion }),
      query: Type.Object(onBehalf),
      responses: { 200: { description: "The results, without details.", schema: PublicScan } },
      errors: ["version-not-found", ...viewingErrors],
      async handler({ params: { publisher, name, version }, query, ...request }) {
        const viewer = await viewerOf(request, query.tenantId);
        return { status: 200, body: await publicScan(db, viewer, `${publisher}/${name}`, version) };
      },
    }),
  ];
}
