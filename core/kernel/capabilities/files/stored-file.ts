import type { FileRow } from "./queries.ts";

export interface NewFile {
  name: string | null;
  contentType: string;
}

/** A file that is whole, as anybody who may see it does. */
export interface StoredFile extends NewFile {
  id: string;
  /** In bytes. */
  size: number;
  /** Of its content, lowercase hex. */
  sha256: string;
  /** Whose plugin made it; null: an application put it in. */
  installId: string | null;
  /** RFC 3339, as the next. */
  createdAt: string;
  expiresAt: string;
}

export function toStoredFile(row: FileRow): StoredFile {
  return {
    id: row.id,
    name: row.name,
    contentType: row.content_type,
    size: row.size,
    sha256: row.sha256?.toString("hex") ?? "",
    installId: row.install_id,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  };
}
