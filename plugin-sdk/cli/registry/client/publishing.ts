import type { JWK } from "jose";
import { CliFailure } from "../../failure.ts";
import type { Client } from "../../http/index.ts";
import { at, type PageRequest, pluginPath, toQuery } from "./path.ts";
import * as schemas from "./schemas.ts";

const uploadTimeoutMs = 300_000;

/** What publishers do. */
export function publishingOf({ ask }: Client) {
  const all = (publisher: string) => at`/publishers/${publisher}/publications`;
  return {
    /** `undefined` when nobody has this name. */
    async findPublisher(publisher: string) {
      try {
        return await ask(schemas.PublisherRecord, at`/publishers/${publisher}`);
      } catch (error) {
        if (error instanceof CliFailure && error.code === "publisher-not-found") return undefined;
        throw error;
      }
    },
    /** @param claim JWS that proves possession of the key */
    registerPublisher: (json: { publisher: string; key: JWK; claim: string }) =>
      ask(schemas.Registered, "/publishers", { method: "POST", json }),
    /** @param order JWS, signed with a key of the publisher's. @returns its place in the registry's log */
    carryOutOrder: (publisher: string, order: string) =>
      ask(schemas.CarriedOut, at`/publishers/${publisher}/orders`, {
        method: "POST",
        json: { order },
        signedIn: true,
      }),
    /** @param o.statement the publisher's JWS over the tarball */
    publish({ statement, tarball, fileName }: { statement: string; tarball: Buffer; fileName: string }) {
      const form = new FormData();
      form.set("statement", statement);
      form.set("tarball", new Blob([new Uint8Array(tarball)], { type: "application/gzip" }), fileName);
      return ask(schemas.Publication, "/plugins", {
        method: "POST",
        form,
        signedIn: true,
        timeoutMs: uploadTimeoutMs,
      });
    },
    getPublication: (id: string) => ask(schemas.Publication, at`/publications/${id}`),
    listPublications: (publisher: string, query: PageRequest & { status?: string; plugin?: string }) =>
      ask(schemas.Publications, all(publisher) + toQuery(query), { signedIn: true }),
    withdrawPublication: (publisher: string, id: string, reason: string) =>
      ask(schemas.Publication, `${all(publisher)}${at`/${id}`}/withdraw`, {
        method: "POST",
        json: { reason },
        signedIn: true,
      }),
    rescanPublication: (publisher: string, id: string) =>
      ask(schemas.Publication, `${all(publisher)}${at`/${id}`}/rescan`, { method: "POST", signedIn: true }),
    /** @param reply JWS, signed with a key of the publisher's */
    replyToReview: (plugin: string, review: string, reply: string) =>
      ask(schemas.Review, `${pluginPath(plugin)}${at`/reviews/${review}`}/reply`, {
        method: "PUT",
        json: { reply },
        signedIn: true,
      }),
  };
}
