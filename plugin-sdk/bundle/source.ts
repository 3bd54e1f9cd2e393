/** What of a registry goes into a bundle; both the registry's own client and the command line's are one. */
export interface BundleSource {
  getRoot(): Promise<{ version: number; signatures: string[] }>;
  getRootVersion(version: number): Promise<{ version: number; signatures: string[] }>;
  /** Compact JWS. */
  getCheckpoint(): Promise<string>;
  getRevocations(): Promise<object>;
  getPlugin(plugin: string): Promise<{
    version: string;
    /** Newest first. */
    versions: { version: string; blocked: object | null }[];
  }>;
  getSignatures(plugin: string, version: string): Promise<ReleaseStatements>;
  getTarball(plugin: string, version: string): Promise<Buffer>;
}

/** What vouches for a release: compact JWS, and the proof from the registry's index. */
export interface ReleaseStatements {
  publisher: string;
  registry: string;
  delegation: string;
  proof: { checkpoint: string };
}

export interface BundledName {
  /** `publisher/name` */
  plugin: string;
  version: string;
}
