import { type PackageFile, packPackage, readPackage } from "@plugboard/plugin-sdk/package";
import { type PublisherStatement, signStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import type { JWK } from "jose";

const text = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };

/** A plugin that says back what it is told: the smallest that is worth installing. */
export const echoCode = `"use strict";
module.exports.default = {
  actions: {
    echo: { kind: "action", title: "Echo", input: ${JSON.stringify(text)}, output: ${JSON.stringify(text)}, run({ input }) { return input; } },
  },
};
`;

export const echoContributes = { actions: { echo: { title: "Echo", input: text, output: text } } };

export interface PluginSource {
  id: string;
  version: string;
  /** Members of plugin.json that differ from the example's; undefined leaves one out. */
  manifest?: Record<string, unknown>;
  code?: string;
  files?: PackageFile[];
}

export function manifestOf({ id, version, manifest }: PluginSource): Record<string, unknown> {
  return {
    id,
    version,
    displayName: "Echo",
    description: "Says back what it is told.",
    license: "Apache-2.0",
    engines: { plugboard: "^1.0.0" },
    main: "dist/plugin.js",
    permissions: {},
    contributes: echoContributes,
    ...manifest,
  };
}

/** Packs a plugin as `plugboard build` would; nothing in it is checked. */
export async function pack(source: PluginSource): Promise<Buffer> {
  return packPackage([
    { path: "plugin.json", content: Buffer.from(JSON.stringify(manifestOf(source))) },
    { path: "dist/plugin.js", content: Buffer.from(source.code ?? echoCode) },
    ...(source.files ?? []),
  ]);
}

/** A tarball and the publisher's word on it. */
export interface SignedPackage {
  tarball: Buffer;
  statement: string;
}

export async function sign(tarball: Buffer, privateJwk: JWK): Promise<SignedPackage> {
  const { statement } = await readPackage(tarball);
  return { tarball, statement: await signPublisherStatement(statement, privateJwk) };
}

export async function signPublisherStatement(
  statement: PublisherStatement,
  privateJwk: JWK,
): Promise<string> {
  return signStatement(statementTypes.publisher, statement, { privateJwk });
}

export const stripeNetwork = {
  network: [{ hosts: ["api.stripe.com"], methods: ["GET"], reason: "Read customers" }],
};
